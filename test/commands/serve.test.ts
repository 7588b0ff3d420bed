import { mkdtemp, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { addressFor } from '../../src/cli/gateway.ts'
import { start } from '../acceptance/process.ts'
import { environmentOf, testDatabase } from '../support/database.ts'
import { freePort } from '../support/free-port.ts'

let env: Record<string, string>
let cwd: string
beforeAll(async () => {
  env = environmentOf(await testDatabase())
  cwd = await mkdtemp(join(tmpdir(), 'onboard-serve-'))
})

describe('onboard serve', () => {
  test.each([
    ['the name that was told', 'http://localhost:8080/', null, 'http://localhost:8080'],
    ['another port', 'http://localhost:8081', null, 'http://127.0.0.1:8080'],
    ['another machine', 'https://app.vendor.example', null, 'http://127.0.0.1:8080'],
    ['nobody said', null, null, 'http://127.0.0.1:8080'],
    ['a proxy stands before it', 'http://localhost:8080', 'https://app.vendor.example', 'https://app.vendor.example'],
  ])('says where people sign in: %s', (_, told, publicUrl, at) => {
    expect(addressFor('http://127.0.0.1:8080', publicUrl, told)).toBe(at)
  })

  test('answers for its health, and ends by SIGTERM with what was asked answered', async () => {
    const port = await freePort()
    const running = start(['serve', '--port', String(port)], { cwd, env })
    await running.said('Ctrl-C ends it')
    const origin = `http://127.0.0.1:${port}`
    expect(await (await fetch(`${origin}/healthz`)).json()).toEqual({ status: 'ok' })
    expect(await (await fetch(`${origin}/readyz`)).json()).toEqual({ status: 'ready' })
    const refused = await fetch(`${origin}/scim/v2/acme/Users?filter=userName%20eq%20%22secret-name%22`, { headers: { authorization: 'Bearer secret-token' } })
    expect(refused.status).toBe(401)
    const metrics = await (await fetch(`${origin}/metrics`)).text()
    expect(metrics).toContain('onboard_http_requests_total{method="GET",route="/scim/v2/:tenant/*",status="401"} 1')
    running.process.kill('SIGTERM')
    const { exit, stderr } = await running.ended
    expect(exit).toBe(0)
    expect(stderr).toContain('Ended by SIGTERM')
    // Logs say what was asked, and nothing that identifies a person or opens a door.
    expect(stderr).toContain('"path":"/scim/v2/acme/Users"')
    expect(stderr).not.toMatch(/secret-name|secret-token/)
  })

  test('a port that is taken, an address beyond this machine, and a wrong origin are said in a sentence', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    const taken = await start(['serve', '--port', String(port)], { cwd, env }).ended
    expect(taken).toMatchObject({ exit: 2, stderr: expect.stringContaining('something else listens there') })
    await new Promise((resolve) => other.close(resolve))
    const open = await start(['serve', '--host', '0.0.0.0'], { cwd, env }).ended
    expect(open).toMatchObject({ exit: 2, stderr: expect.stringContaining('would send tokens in the clear') })
    const wrong = await start(['serve', '--public-url', 'app.vendor.example/x'], { cwd, env }).ended
    expect(wrong).toMatchObject({ exit: 2, stderr: expect.stringContaining('is not an origin') })
  })

  test('a mapped product has a server of its own', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'onboard-serve-'))
    const product = 'product: { form: mapped, tenants: { table: organizations, key: id, columns: { slug: handle } } }'
    await writeFile(join(folder, 'onboard.config.yaml'), `apiVersion: onboard/v1\nvendor: { name: Example }\n${product}\n`)
    const ended = await start(['serve', '--port', '0'], { cwd: folder, env }).ended
    expect(ended).toMatchObject({ exit: 5, stderr: expect.stringContaining('your own server answers for them') })
  })
})
