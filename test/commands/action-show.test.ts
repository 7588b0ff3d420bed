/** What undo does of an effect is said as it is. */
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { cli, cliJson } from '../support/cli.ts'

const at = { cwd: tmpdir(), env: {} }

test.each([
  ['tenant.settings', 'can be undone', null],
  ['mail.send', 'undone in the journal alone: what was sent stays sent', 'undone in the journal alone: what was sent stays sent'],
  ['command.run', 'can be undone where `undo` says how', 'can be undone where `undo` says how'],
])('%s %s', async (name, says, undoing) => {
  const { stdout } = await cli(['action', 'show', name], at)
  expect(stdout.split('\n')[1]?.split('; ')).toContain(says)
  const { result } = await cliJson<{ reversible: boolean; undoing: string | null }>('action-show', ['action', 'show', name], at)
  expect(result).toMatchObject({ reversible: true, undoing })
})
