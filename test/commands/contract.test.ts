import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { packageRoot } from '../../src/package.ts'
import { commandConfig } from '../support/cli.ts'

const config = await commandConfig()
const words = (id: string) => id.replaceAll(':', ' ')

/** What people and scripts type: a name that goes or changes its meaning breaks them. */
test('commands, arguments and flags are as they were', () => {
  const lines = config.commands.toSorted((a, b) => a.id.localeCompare(b.id)).flatMap((command) => {
    const args = Object.values(command.args).map((arg) => (arg.required ? arg.name.toUpperCase() : `[${arg.name.toUpperCase()}]`))
    const flags = Object.values(command.flags).filter((flag) => flag.helpGroup !== 'GLOBAL').map((flag) => {
      const value = flag.type === 'boolean' ? '' : ` ${flag.options?.join('|') ?? flag.helpValue ?? 'VALUE'}`
      const marks = [flag.required ? 'required' : '', flag.type === 'option' && flag.multiple ? 'several' : ''].filter(Boolean)
      return `  ${flag.char ? `-${flag.char}, ` : ''}--${flag.name}${value}${marks.length > 0 ? ` (${marks.join(', ')})` : ''}`
    })
    return [`onboard ${words(command.id)}${args.length > 0 ? ` ${args.join(' ')}` : ''}`, ...flags.toSorted()]
  })
  expect(lines.join('\n') + '\n').toMatchSnapshot()
})

test('flags that every command has', () => {
  const global = (id: string) => Object.values(config.findCommand(id)?.flags ?? {}).filter((flag) => flag.helpGroup === 'GLOBAL').map((flag) => flag.name)
  for (const { id } of config.commands) expect(global(id), id).toEqual(['workspace', 'json', 'database-url', 'trust', 'no-input', 'no-color', 'yes'])
})

describe.each(config.commands.map((command) => [words(command.id), command] as const))('%s', (name, command) => {
  test('says what it does and begins its help with examples that are its own', () => {
    expect(command.summary).toMatch(/\.$/)
    const examples = (command.examples ?? []) as string[]
    expect(examples.length).toBeGreaterThan(0)
    for (const example of examples) expect(example).toMatch(new RegExp(`(^|= ?"[^"]*" |&& |\\| |[A-Z_]+="[^"]*" )onboard ${name}( |$)`))
  })
  test('takes no argument from what is piped in unasked', async () => {
    const loaded = (await command.load()) as unknown as { args: Record<string, { ignoreStdin?: boolean }> }
    for (const arg of Object.values(loaded.args)) expect(arg.ignoreStdin).toBe(true)
  })
  test('has a schema for its --json', async () => {
    const { result } = (await command.load()) as unknown as { result: string }
    expect(result).not.toBe('')
    expect(existsSync(join(packageRoot, 'schemas', 'results', `${result}.schema.json`))).toBe(true)
  })
})
