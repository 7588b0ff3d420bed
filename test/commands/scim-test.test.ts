import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { start, type Ended } from '../acceptance/process.ts'
import { proxyOf } from '../identity/scim/faults.ts'
import { scimmyServer, TOKEN, type Endpoint } from '../identity/scim/scimmy.ts'
import { cli, cliJson } from '../support/cli.ts'

let server: Endpoint
let cwd: string

beforeAll(async () => {
  server = await scimmyServer()
  cwd = await mkdtemp(join(tmpdir(), 'onboard-scim-'))
  await writeFile(join(cwd, 'acme.token'), `${TOKEN}\n`)
  await writeFile(join(cwd, 'wrong.token'), 'wrong')
})
beforeEach(() => server.empty())
afterAll(() => server.close())

const asked = (url: string, ...more: string[]) => ['scim', 'test', '--url', url, '--token-file', 'acme.token', ...more]

describe('onboard scim test', () => {
  test('says of each check what it saw, and exits with 6 where one failed', async () => {
    const { exit, stdout } = await cli(asked(server.url, '--dialect', 'okta'), { cwd })
    expect(exit).toBe(6)
    expect(stdout).toContain('! create-user  A user is made  RFC 7644 §3.3\n    the 201 comes without a Location\n')
    expect(stdout).toContain('✗ bad-filter')
    expect(stdout).toContain('An administrator sees: ')
    expect(stdout).toContain('GET /Users?filter=userName%20eq → 200')
    expect(stdout).not.toContain(TOKEN)
  })

  test('its --json is as its schema says, without the token', async () => {
    const { exit, result } = await cliJson('scim-test', asked(server.url), { cwd })
    expect(exit).toBe(6)
    expect(JSON.stringify(result)).not.toContain(TOKEN)
  })

  test('JUnit has a case for each check; Markdown shows every request', async () => {
    const xml = (await cli(asked(server.url, '--format', 'junit'), { cwd })).stdout
    expect(xml).toMatch(/<testsuites name="onboard scim test" tests="\d{2}" failures="[1-9]/)
    const text = (await cli(asked(server.url, '--format', 'markdown'), { cwd })).stdout
    expect(text).toContain('| fail | bad\\-filter |')
    expect(text).toContain('    POST /Groups\n')
    expect(xml + text).not.toContain(TOKEN)
  })

  test('the token may come from standard input', async () => {
    const { exit } = await cli(['scim', 'test', '--url', server.url, '--token-file', '-'], { cwd, stdin: TOKEN })
    expect(exit).toBe(6)
  })

  test.each([
    ['a wrong token', (url: string) => ['scim', 'test', '--url', url, '--token-file', 'wrong.token'], 9, 'it is wrong, expired or not for this endpoint'],
    ['nobody there', () => asked('http://127.0.0.1:9/scim'), 8, '127.0.0.1:9 cannot be asked'],
    ['no address', () => asked('app.example'), 2, 'is no address that begins with https://'],
    ['an address with a password', () => asked('https://a:b@app.example/scim'), 2, 'has more than a host and a path'],
    ['a token in the clear', () => asked('http://app.example/scim'), 2, 'would send the token unencrypted'],
    ['no token file', (url: string) => ['scim', 'test', '--url', url, '--token-file', 'none'], 3, 'none does not exist'],
  ])('%s is said in a sentence', async (_what, argv, wanted, said) => {
    const { exit, stderr } = await cli(argv(server.url), { cwd })
    expect({ exit, stderr }).toMatchObject({ exit: wanted, stderr: expect.stringContaining(said) })
    expect(stderr).not.toMatch(/^ +at /m)
  })

  test('what a killed run has left, the next one removes', async () => {
    const held = await proxyOf(server, {})
    let killed: Ended | undefined
    const slow = await proxyOf(server, {
      before: ({ method, path }) => {
        // In the middle of its work: users and a group are there.
        if (method !== 'PATCH' || !path.startsWith('/Groups')) return
        running.process.kill('SIGKILL')
      },
    })
    const running = start(asked(slow.url), { cwd })
    killed = await running.ended
    expect(killed.exit).not.toBe(6)
    expect([...server.kept].map(([, all]) => all.size)).toEqual([2, 1])
    const again = await cli(asked(held.url, '--json'), { cwd })
    expect(JSON.parse(again.stdout)).toMatchObject({ left: [] })
    expect([...server.kept].map(([, all]) => all.size)).toEqual([0, 0])
    await slow.close()
    await held.close()
  })
})
