'use client'
import { Eye, EyeOff } from 'lucide-react'
import { useState } from 'react'
import { IconButton } from '../ui/button.tsx'
import { Input, type InputProps } from '../ui/field.tsx'

/** A password that its owner can look at while typing, so that it need not be typed twice. */
export function PasswordInput({ ref, ...rest }: Omit<InputProps, 'type'>) {
  const [shown, setShown] = useState(false)
  return (
    <span className="relative block">
      <Input {...rest} {...(ref ? { ref } : {})} tall type={shown ? 'text' : 'password'} className="pr-10" spellCheck={false} autoCapitalize="off" />
      <IconButton
        icon={shown ? EyeOff : Eye}
        label={shown ? 'Hide the password' : 'Show the password'}
        aria-pressed={shown}
        size="small"
        className="absolute top-1.5 right-1.5"
        onClick={() => setShown(!shown)}
      />
    </span>
  )
}
