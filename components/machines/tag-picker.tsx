'use client'
import { Plus, X } from 'lucide-react'
import Link from 'next/link'
import { useState, type ReactNode } from 'react'
import { IconButton, Button } from '../ui/button.tsx'
import { Field, Input } from '../ui/field.tsx'
import { Tag } from '../ui/tag.tsx'
import { completions, normaliseTag, tagProblem } from './model/tags.ts'

type Props = { readonly tags: readonly string[]; readonly onChange: (tags: string[]) => void; readonly known: readonly string[]; readonly hint: string }

/** More would push the dialog's buttons out of sight; typing narrows them. */
const maxShown = 8

/** Tags given, a field to type one more, and those that the policy knows to press instead. */
export function TagPicker({ tags, onChange, known, hint }: Props) {
  const [typed, setTyped] = useState('')
  const [problem, setProblem] = useState<ReactNode>()
  const fitting = completions(typed, known, tags)

  function add(text: string): void {
    const tag = normaliseTag(text)
    if (tag === '') return
    const found = tagProblem(tag, known)
    // A tag without owners is made in the policy.
    setProblem(found === undefined || !found.includes('tagOwners') ? found : <>{found} <Link className="link" href="/access">Open the policy</Link></>)
    if (found !== undefined) return
    if (!tags.includes(tag)) onChange([...tags, tag])
    setTyped('')
  }

  return (
    <div className="grid gap-2">
      {tags.length > 0 && (
        <ul aria-label="Tags given" className="m-0 flex list-none flex-wrap gap-2 p-0">
          {tags.map((tag) => (
            <li key={tag} className="flex items-center gap-0.5">
              <Tag>{tag}</Tag>
              <IconButton size="small" icon={X} label={`Take ${tag} away`} onClick={() => onChange(tags.filter((one) => one !== tag))} />
            </li>
          ))}
        </ul>
      )}
      <Field label="Add a tag" hint={hint} {...(problem === undefined ? {} : { error: problem })}>
        <Input
          mono
          placeholder="tag:"
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value)
            setProblem(undefined)
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || typed.trim() === '') return
            event.preventDefault()
            add(fitting.length === 1 && fitting[0] !== undefined ? fitting[0] : typed)
          }}
        />
      </Field>
      {fitting.length > 0 && (
        <ul aria-label="Tags of the policy" className="m-0 flex list-none flex-wrap gap-1.5 p-0">
          {fitting.slice(0, maxShown).map((tag) => (
            <li key={tag}><Button size="small" icon={Plus} className="font-mono" onClick={() => add(tag)}>{tag}</Button></li>
          ))}
        </ul>
      )}
    </div>
  )
}
