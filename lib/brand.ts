declare const tag: unique symbol

/** A nominal type: keeps a `Vni` from being passed as a `Port`. The only way in is a function that has checked the value. */
export type Brand<T, Name extends string> = T & { readonly [tag]: Name }
