import { cpSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Database } from '../../src/database/open.ts'
import { environmentOf, testDatabase } from '../support/database.ts'
import { onboard, start, type Ended, type Running } from './process.ts'

/** A workspace in a folder of its own, with a database of its own. */
export interface World {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly database: Database
  run(line: string | readonly string[], more?: { env?: Readonly<Record<string, string>>; stdin?: string | Uint8Array }): Promise<Ended>
  start(line: string): Running
  /** The same, and it must end so. */
  done(line: string, exit?: number): Promise<Ended>
  write(name: string, text: string | Uint8Array): void
  sql(text: string): Promise<Record<string, unknown>[]>
}

/** `from`: folder of this one whose files it begins with. */
export async function world(from: string, wishes: Parameters<typeof testDatabase>[0] = {}): Promise<World> {
  const cwd = realpathSync(mkdtempSync(join(tmpdir(), 'onboard-world-')))
  cpSync(join(import.meta.dirname, from), cwd, { recursive: true })
  const database = await testDatabase(wishes)
  const env = environmentOf(database)
  const words = (line: string | readonly string[]) => (typeof line === 'string' ? line.split(' ') : line)
  const run: World['run'] = (line, more = {}) => onboard(words(line), { cwd, ...more, env: { ...env, ...more.env } })
  return {
    cwd, env, database, run,
    start: (line) => start(words(line), { cwd, env }),
    done: async (line, exit = 0) => {
      const ended = await run(line)
      expect([ended.exit, ended.stdout + ended.stderr], `onboard ${line}`).toEqual([exit, expect.anything()])
      return ended
    },
    write: (name, text) => writeFileSync(join(cwd, name), text),
    sql: async (text) => {
      const owner = await database.connect('owner')
      return owner.query<Record<string, unknown>>(text).then(({ rows }) => rows).finally(() => owner.end())
    },
  }
}

/** Takes the customer of this handoff to where provisioning can begin. */
export async function readyToProvision(world: World, file = 'harbour.handoff.yaml', customer = 'harbour'): Promise<void> {
  await world.done(`handoff accept --file ${file} --runbook enterprise`)
  await world.done(`apply ${customer} --phase handoff`, 5)
  await world.done(`sign ${customer} discovery_documented --signer eva@vendor.example`)
  await world.done(`sign ${customer} contract_signed --signer lea@vendor.example --evidence proof.txt`)
  await world.done(`sign ${customer} questionnaire --signer noor@vendor.example --evidence proof.txt`)
  await world.done(`apply ${customer} --phase contract`)
}
