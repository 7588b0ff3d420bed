/** A mail server that will not: what a person reads, what they can type, how it exits, and that nothing is sent twice. */
import { createServer, type Server, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RunResult } from '../../src/engine/ports.ts'
import { mailserver, type Mailserver } from '../support/smtp.ts'
import { type OwnWorkspace, ownWorkspace } from '../support/own-runbook.ts'

const POST = `apiVersion: onboard/v1
phase: post
title: Post
owner: [engineering]
steps:
  - { id: sent, title: Sent, uses: mail.send, with: { to: [ada@acme.example, tom@acme.example], subject: Hello, text: Well. } }
`
const PEOPLE = '  engineering: [{ name: Eva, email: eva@vendor.example }]\n'
const CONTACTS = 'onboard contact list acme'
const AGAIN = 'onboard apply acme'

let at: OwnWorkspace
let server: Mailserver | undefined
let raw: { readonly server: Server; readonly sockets: Socket[] } | undefined
beforeEach(async () => {
  at = await ownWorkspace({ roles: ['engineering'], people: PEOPLE, phases: { post: POST } })
  expect((await at.run('handoff accept --file acme.yaml --runbook ours')).exit).toBe(0)
})
afterEach(async () => {
  await server?.close()
  server = undefined
  for (const socket of raw?.sockets ?? []) socket.destroy()
  const listener = raw?.server
  if (listener !== undefined) await new Promise<void>((done) => { listener.close(() => done()) })
  raw = undefined
  await at.remove()
})

async function through(port: number, more = ''): Promise<void> {
  await at.write('onboard.config.yaml', `apiVersion: onboard/v1
vendor: { name: V }
mail: { from: "V <onboarding@vendor.example>", smtp: { host: 127.0.0.1, port: ${port}, security: none, timeout_seconds: 1${more} } }
roles:
${PEOPLE}`)
  expect((await at.run('trust')).exit).toBe(0)
}

/** A server that says what the test says to each line; null: it hangs up. */
async function speaking(greeting: string, answer: (line: string, inData: boolean) => string | null | undefined): Promise<{ port: number; mails: () => number }> {
  const sockets: Socket[] = []
  let mails = 0
  const listener = createServer((socket) => {
    sockets.push(socket)
    let inData = false
    socket.on('error', () => undefined)
    if (greeting !== '') socket.write(`${greeting}\r\n`)
    socket.on('data', (chunk: Buffer) => {
      for (const line of chunk.toString().split('\r\n').slice(0, -1)) {
        if (line === '.') mails += 1
        if (inData && line !== '.') continue
        const said = answer(line, inData)
        inData = line === 'DATA'
        if (said === null) return void socket.destroy()
        if (said !== undefined) socket.write(`${said}\r\n`)
      }
    })
  })
  await new Promise<void>((done) => { listener.listen(0, '127.0.0.1', done) })
  raw = { server: listener, sockets }
  return { port: (listener.address() as AddressInfo).port, mails: () => mails }
}

const polite = (line: string): string => (line.startsWith('EHLO') ? '250 here' : line === 'DATA' ? '354 go on' : '250 fine')

interface Said { readonly exit: number; readonly outcome: string | undefined; readonly reason: string; readonly next: string | null | undefined }
async function apply(): Promise<Said> {
  const { exit, result } = await at.json<RunResult>('run', 'apply acme')
  const step = result.steps.find(({ key }) => key.step === 'sent')
  return { exit, outcome: step?.outcome, reason: step?.reason ?? '', next: step?.next }
}

test('all recipients refused: who they are, and one mail once they are taken', async () => {
  let open = false
  server = await mailserver({ onRcptTo: (_to, _session, done) => done(open ? null : Object.assign(new Error('no such person'), { responseCode: 550 })) })
  await through(server.port)
  const said = await apply()
  expect(said).toMatchObject({ exit: 1, outcome: 'failed', next: CONTACTS })
  expect(said.reason).toMatch(/refused the recipients: 550 no such person; nothing was sent$/)
  open = true
  expect(await apply()).toMatchObject({ exit: 0, outcome: 'changed' })
  expect(await apply()).toMatchObject({ exit: 0, outcome: 'unchanged' })
  expect(server.taken).toHaveLength(1)
})

test('one of two refused: the other has it, so a person decides, and it is not sent again by itself', async () => {
  server = await mailserver({ onRcptTo: ({ address }, _session, done) => done(address.startsWith('ada') ? null : Object.assign(new Error('no such person'), { responseCode: 550 })) })
  await through(server.port)
  const said = await apply()
  expect(said).toMatchObject({ exit: 5, outcome: 'blocked', next: expect.stringMatching(/^onboard document mail acme --sent [0-9a-f]{12} --reason/) })
  expect(said.reason).toContain('refused for tom@acme.example; the others have it')
  expect(await apply()).toMatchObject({ exit: 5, outcome: 'blocked' })
  expect(server.taken).toMatchObject([{ to: ['ada@acme.example'] }])
  expect((await at.run(`${(said.next ?? '').replace(/^onboard |REASON$/g, '')}told-by-phone`)).exit).toBe(0)
  expect(await apply()).toMatchObject({ exit: 0 })
  expect(server.taken).toHaveLength(1)
})

test('the sign-in refused: where it stands who signs in, and never the password', async () => {
  server = await mailserver({ authOptional: false, allowInsecureAuth: true, onAuth: (_auth, _session, done) => done(Object.assign(new Error('no'), { responseCode: 535 })) })
  await through(server.port, ', user: onboarding, password_env: POST_WORD')
  Object.assign(at.env, { POST_WORD: 'tr0ub4dor' })
  const said = await apply()
  expect(said).toMatchObject({ exit: 1, outcome: 'failed', next: AGAIN })
  expect(said.reason).toMatch(/refused the sign-in: 535 .*; nothing was sent \(it is mail\.smtp of onboard\.config\.yaml/)
  const shown = await at.run('apply acme')
  expect(shown.stdout + shown.stderr + (await at.run('audit log acme --json')).stdout).not.toContain('tr0ub4dor')
  expect(server.taken).toEqual([])
})

test.each([
  ['says nothing', ''],
  ['greets and then says nothing', '220 here'],
])('a server that %s: unreachable within the time it has, and the next run tries again', async (_title, greeting) => {
  const silent = await speaking(greeting, () => undefined)
  await through(silent.port)
  const said = await apply()
  expect(said).toMatchObject({ exit: 8, outcome: 'failed', next: AGAIN })
  expect(said.reason).toMatch(/gave no answer within 1 s; nothing was sent/)
  server = await mailserver()
  await through(server.port)
  expect(await apply()).toMatchObject({ exit: 0, outcome: 'changed' })
  expect(server.taken).toHaveLength(1)
})

test.each([['without a word', ''], ['after its greeting', '220 here']])('a server that hangs %s is waited for as long as the step says, though the config would have it longer', async (_when, greeting) => {
  await at.write('runbooks/ours/phases/post.yaml', POST.replace('uses: mail.send,', 'uses: mail.send, timeout: 500ms,'))
  await at.write('runbooks/ours/runbook.yaml', (await at.read('runbooks/ours/runbook.yaml')).replace('1.0.0', '1.1.0'))
  expect((await at.run('upgrade acme')).exit).toBe(0)
  const mute = await speaking(greeting, () => undefined)
  await through(mute.port, '')
  await at.write('onboard.config.yaml', (await at.read('onboard.config.yaml')).replace('timeout_seconds: 1', 'timeout_seconds: 20'))
  expect((await at.run('trust')).exit).toBe(0)
  const begun = performance.now()
  expect(await apply()).toMatchObject({ exit: 8, outcome: 'failed', next: AGAIN, reason: expect.stringMatching(/gave no answer within 0\.[1-5] s; nothing was sent/) })
  expect(performance.now() - begun).toBeLessThan(10_000)
})

test('a server that hangs up before it was given the mail: nothing was sent, and the next run sends it', async () => {
  const rude = await speaking('220 here', (line) => (line === 'DATA' ? null : polite(line)))
  await through(rude.port)
  expect(await apply()).toMatchObject({ exit: 8, outcome: 'failed', next: AGAIN, reason: expect.stringContaining('nothing was sent') })
  expect(rude.mails()).toBe(0)
})

test('a server that hangs up after it was given the mail: nobody knows, and only a person has it sent again', async () => {
  const rude = await speaking('220 here', (line, inData) => (inData ? null : polite(line)))
  await through(rude.port)
  const said = await apply()
  expect(said).toMatchObject({ exit: 5, outcome: 'blocked', next: expect.stringMatching(/^onboard document mail acme --sent/) })
  expect(said.reason).toMatch(/it is not known whether 127\.0\.0\.1:\d+ has sent the mail/)
  expect(rude.mails()).toBe(1)
  // Whoever did not see the run is told as well.
  const unknown = /begun on 2026-11-20, and not known how that ended/
  expect((await at.run('status acme')).stdout).toMatch(unknown)
  expect((await at.run('tasks acme')).stdout).toMatch(unknown)
  server = await mailserver()
  await through(server.port)
  expect(await apply()).toMatchObject({ exit: 5, outcome: 'blocked' })
  expect(server.taken).toEqual([])
  const id = /--sent ([0-9a-f]{12})/.exec(said.next ?? '')?.[1] ?? ''
  expect((await at.run(`document mail acme --resend ${id} --reason lost`)).exit).toBe(0)
  expect(await apply()).toMatchObject({ exit: 0, outcome: 'changed' })
  expect(server.taken).toHaveLength(1)
})
