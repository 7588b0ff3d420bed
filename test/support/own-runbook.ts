import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ACME, DISCOVERY } from '../onboarding/samples.ts'
import { cli, cliJson, type Ran } from './cli.ts'
import { environmentOf, sqlAsOwner, testDatabase } from './database.ts'

/** A workspace with a runbook of its own, on a database whose clock stands, unless it is told otherwise. */
export interface OwnWorkspace {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** A command line without `onboard`; words are parted at blanks, those in '' stay together. */
  run(line: string, stdin?: string): Promise<Ran>
  json<R>(schema: string, line: string): Promise<{ exit: number; result: R }>
  /** Rows of a statement that the owner of its database sends. */
  sql<R extends object>(text: string): Promise<R[]>
  write(path: string, text: string): Promise<void>
  read(path: string): Promise<string>
  remove(): Promise<void>
}

interface Wishes {
  readonly roles: readonly string[]
  /** Lines of onboard.config.yaml after `roles:`. */
  readonly people: string
  /** Texts of phase files by phase, in their order. */
  readonly phases: Readonly<Record<string, string>>
  /** null: the database's own clock. */
  readonly now?: string | null
}

/**
 * Makes it; `acme.yaml` is a handoff with a discovery in it, which is not accepted yet. The runbook is called `ours`.
 */
export async function ownWorkspace(
  { roles, people, phases, now = '2026-11-20T09:00:00Z' }: Wishes,
): Promise<OwnWorkspace> {
  const cwd = await mkdtemp(join(tmpdir(), 'onboard-own-'))
  const database = await testDatabase(now === null ? {} : { simulated: now })
  const env = { ...environmentOf(database), ONBOARD_ACTOR: 'Rita Recorder' }
  const words = (line: string) => (line.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^'(.*)'$/, '$1'))
  const own: OwnWorkspace = {
    cwd,
    env,
    run: (line, stdin) => cli(words(line), { cwd, env, ...(stdin === undefined ? {} : { stdin }) }),
    json: (schema, line) => cliJson(schema, words(line), { cwd, env }) as never,
    sql: (text) => sqlAsOwner(database, text),
    async write(path, text) {
      await mkdir(dirname(join(cwd, path)), { recursive: true })
      await writeFile(join(cwd, path), text)
    },
    read: (path) => readFile(join(cwd, path), 'utf8'),
    remove: () => rm(cwd, { recursive: true }),
  }
  await own.write('onboard.config.yaml', `apiVersion: onboard/v1\nvendor: { name: V }\nroles:\n${people}`)
  const inputs = '{ handoff: ../../schemas/handoff.schema.json, discovery: ../../schemas/discovery.schema.json }'
  const names = Object.keys(phases).join(', ')
  await own.write('runbooks/ours/runbook.yaml', `apiVersion: onboard/v1
runbook: ours
title: Ours
version: 1.0.0
inputs: ${inputs}
roles: [${roles.join(', ')}]
phases: [${names}]
`)
  for (const [name, text] of Object.entries(phases)) await own.write(`runbooks/ours/phases/${name}.yaml`, text)
  const discovery = DISCOVERY.replaceAll(/^/gm, '  ').trimEnd()
  await own.write('acme.yaml', `# What sales knows of Acme.\n${ACME}discovery:\n${discovery}\n`)
  return own
}
