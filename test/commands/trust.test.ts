import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cli, cliJson } from '../support/cli.ts'

let dir = ''
let env: Record<string, string> = {}
let knocks = 0
let host: Server
const write = async (path: string, text: string) => {
  await mkdir(dirname(join(dir, path)), { recursive: true })
  await writeFile(join(dir, path), text)
}
const onboard = (...argv: string[]) => cli(argv, { cwd: dir, env })
const digest = async () => (await onboard('trust', '--print')).stdout.trim()

beforeEach(async () => {
  knocks = 0
  host = createServer((socket) => {
    knocks++
    socket.destroy()
  })
  await new Promise<void>((resolve) => void host.listen(0, '127.0.0.1', resolve))
  const { port } = host.address() as { port: number }
  dir = await mkdtemp(join(tmpdir(), 'onboard-'))
  env = { ONBOARD_HOME: join(dir, 'home'), THEIR_URL: `postgres://somebody:secret@127.0.0.1:${port}/db` }
  await write('onboard.config.yaml', 'apiVersion: onboard/v1\nvendor: { name: V }\ndatabase: { url_env: THEIR_URL }\n')
})
afterEach(async () => {
  await new Promise((resolve) => host.close(resolve))
  await rm(dir, { recursive: true })
})

describe('a workspace that nobody has trusted', () => {
  test('opens no host that its config names; trusted, it does', async () => {
    const before = await onboard('status')
    expect(before).toMatchObject({ exit: 9, stdout: '' })
    expect(before.stderr).toContain('onboard trust')
    expect(knocks).toBe(0)
    await onboard('trust')
    expect((await onboard('status')).exit).toBe(8)
    expect(knocks).toBeGreaterThan(0)
  })
  test('can be listed, shown, linted, documented, drawn and tested', async () => {
    for (const command of ['list', 'show enterprise', 'lint enterprise', 'docs enterprise', 'graph enterprise', 'test enterprise']) {
      expect((await onboard('runbook', ...command.split(' '))).exit, command).toBe(0)
    }
    expect(knocks).toBe(0)
  })
  test('has no schema read through a link that leads out of it', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'onboard-'))
    await writeFile(join(outside, 'handoff.schema.json'), '{ "not what it seems": ')
    await symlink(outside, join(dir, 'schemas'))
    await onboard('runbook', 'new', 'ours')
    expect((await onboard('runbook', 'lint', 'ours')).exit).toBe(0)
    await rm(outside, { recursive: true })
  })
})

describe('onboard trust', () => {
  test('holds for what the workspace is now: any change ends it, undone it holds again', async () => {
    expect((await cliJson('trust', ['trust'], { cwd: dir, env })).result).toMatchObject({ outcome: 'trusted', files: ['onboard.config.yaml'] })
    expect((await cliJson('trust', ['trust'], { cwd: dir, env })).result).toMatchObject({ outcome: 'unchanged' })
    await write('runbooks/x/phases/y.yaml', 'anything')
    expect((await onboard('status')).stderr).toContain('has changed since it was trusted')
    await rm(join(dir, 'runbooks'), { recursive: true })
    expect((await onboard('status')).exit).toBe(8)
    expect((await cliJson('trust', ['trust', '--remove'], { cwd: dir, env })).result).toMatchObject({ outcome: 'removed' })
    expect((await onboard('status')).exit).toBe(9)
  })
  test('a pipeline gives the digest it has reviewed, by flag or environment, and no other counts', async () => {
    const good = await digest()
    expect(good).toMatch(/^[0-9a-f]{64}$/)
    expect((await onboard('status', '--trust', good)).exit).toBe(8)
    expect((await cli(['status'], { cwd: dir, env: { ...env, ONBOARD_TRUST: good } })).exit).toBe(8)
    expect((await onboard('status', '--trust', '0'.repeat(64))).stderr).toContain(good)
    expect(existsSync(join(dir, 'home/trusted'))).toBe(false)
  })
})

describe('onboard init', () => {
  test('what it makes is trusted as made, and stays so with a runbook that onboard has begun', async () => {
    await rm(join(dir, 'onboard.config.yaml'))
    await onboard('init')
    expect((await cliJson('trust', ['trust'], { cwd: dir, env })).result).toMatchObject({ outcome: 'unchanged' })
    await onboard('runbook', 'new', 'ours')
    expect((await cliJson('trust', ['trust'], { cwd: dir, env })).result).toMatchObject({ outcome: 'unchanged' })
  })
  test('does not vouch for runbooks that it finds', async () => {
    await rm(join(dir, 'onboard.config.yaml'))
    await write('runbooks/found/runbook.yaml', 'anything')
    await onboard('init')
    expect((await cliJson('trust', ['trust'], { cwd: dir, env })).result).toMatchObject({ outcome: 'trusted' })
  })
})
