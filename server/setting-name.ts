import { StartError } from './errors/index.ts'

/** A setting's flag, and the variable that says the same. */
export interface SettingName {
  readonly flag: string
  readonly variable: string
  /** What stands for the value in the help. */
  readonly value: string
  readonly help: string
}

export type Variables = Readonly<Record<string, string | undefined>>

export function settingFault({ flag, variable }: SettingName, expected: string, got: string): StartError {
  return new StartError(`--${flag} (or ${variable}) must be ${expected}, not "${got}"`)
}

/** The setting's port, or `fallback` where it is not given. Throws StartError. */
export function portSetting(from: Variables, name: SettingName, fallback: number): number {
  const text = from[name.variable] || String(fallback)
  const value = Number(text)
  if (!/^\d{1,5}$/.test(text) || value < 1 || value > 65_535) throw settingFault(name, 'a port from 1 to 65535', text)
  return value
}
