/** Runs before the first paint: the chosen theme and the folded rail, so that nothing flashes or moves. */
export const firstPaint = `try{var d=document.documentElement,t=localStorage.getItem('towpath-theme');if(t==='light'||t==='dark')d.dataset.theme=t;if(localStorage.getItem('towpath-rail')==='folded')d.dataset.rail='folded'}catch(e){}`
