/** Mail by a real server, and what happens when the process or the server dies at the worst moment. */
import { afterEach, expect, test } from 'vitest'
import { mailserver, type Mailserver } from '../support/smtp.ts'
import { world, type World } from './world.ts'

let server: Mailserver | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

/** A customer whose mail is the next thing to be done, over a server on this port. */
async function aboutToSend(port: number): Promise<World> {
  const here = await world('papers', { simulated: '2098-11-20T09:00:00Z' })
  withServer(here, port)
  await here.done('trust --yes')
  await here.done('handoff accept --file harbour.handoff.yaml --runbook papers')
  await here.done('apply harbour', 5)
  await here.done('sign harbour asked --signer cleo@vendor.example --set users=12 --set feedback=Well.')
  return here
}

function withServer(here: World, port: number): void {
  here.write('onboard.config.yaml', `apiVersion: onboard/v1
vendor: { name: Example Vendor, app_url: https://app.vendor.example, support_email: support@vendor.example }
mail: { from: Example Vendor <onboarding@vendor.example>, smtp: { host: 127.0.0.1, port: ${port}, security: none, timeout_seconds: 2 } }
roles: { customer-success: [{ name: Cleo Adams, email: cleo@vendor.example }] }
`)
}

const messageIds = () => server?.taken.map(({ text }) => /^Message-ID: (.*?)\r?$/m.exec(text)?.[1])
const idIn = (text: string): string => /--sent ([0-9a-f]{12}) --reason/.exec(text)?.[1] ?? ''

test('killed after the server took it: it is not sent again until a person says so, and then it is the same mail', { timeout: 120_000 }, async () => {
  let victim: (() => void) | undefined
  server = await mailserver({}, async () => victim?.())
  const here = await aboutToSend(server.port)
  const run = here.start('apply harbour')
  victim = () => void run.process.kill('SIGKILL')
  expect((await run.ended).exit).toBe(-1)
  victim = undefined
  expect(server.taken).toHaveLength(1)

  const waits = await here.done('apply harbour', 5)
  expect(waits.stdout).toContain('it is not known whether 127.0.0.1:')
  await here.done('apply harbour', 5)
  expect(server.taken).toHaveLength(1)

  const id = /mail <([0-9a-f]{12})/.exec(waits.stdout)?.[1] ?? idIn(waits.stdout)
  expect((await here.run(`document mail harbour --resend ${id}`)).exit).toBe(2) // no reason
  await here.done(`document mail harbour --resend ${id} --reason unknown-at-the-server`)
  expect((await here.done(`document mail harbour --resend ${id} --reason unknown-at-the-server`)).stdout).toContain('was decided so already')
  await here.done('apply harbour')
  expect(messageIds()).toEqual([expect.stringMatching(/^<[0-9a-f]{32}@onboard\.invalid>$/), messageIds()?.[0]])

  expect((await here.done('apply harbour')).stdout).toContain('7 unchanged')
  expect(server.taken).toHaveLength(2)
  expect((await here.done('audit log harbour')).stdout).toContain('decided')
  await here.done('audit verify harbour')
  expect((await here.run(`document mail harbour --sent ${id} --reason late`)).exit).toBe(7)
})

test('a server that takes the mail and never answers: a person says that it was sent, and that is that', { timeout: 120_000 }, async () => {
  server = await mailserver({}, () => new Promise(() => undefined))
  const here = await aboutToSend(server.port)
  const waits = await here.done('apply harbour', 5)
  const id = /mail <([0-9a-f]{12})/.exec(waits.stdout)?.[1] ?? ''
  expect((await here.done('document mail harbour')).stdout).toContain('not known whether it was sent')
  await here.done(`document mail harbour --sent ${id} --reason seen`)
  await here.done('apply harbour')
  expect((await here.done('document mail harbour --json')).stdout).toContain('"state": "sent"')
})

test('a server that is not there: exit 8, nothing noted as sent; with one that is, it goes out', { timeout: 120_000 }, async () => {
  server = await mailserver()
  const { port } = server
  await server.close()
  const here = await aboutToSend(port)
  const failed = await here.done('apply harbour', 8)
  expect(failed.stdout + failed.stderr).toMatch(/the mail server 127\.0\.0\.1:\d+ cannot be reached: .*ECONNREFUSED.*; nothing was sent/)
  expect(failed.stdout + failed.stderr).not.toMatch(/\n\s+at /)
  server = await mailserver()
  withServer(here, server.port)
  // A config that changed is not trusted: its server is not spoken to.
  expect((await here.done('apply harbour', 9)).stdout).toContain('No mail was sent: this workspace has changed since it was trusted')
  expect(server.taken).toHaveLength(0)
  await here.done('trust --yes')
  await here.done('apply harbour')
  expect(server.taken).toMatchObject([{ from: 'onboarding@vendor.example', to: ['zoe@harbour.example'] }])
})

test('an address that the server refuses fails the step with what it said, and is tried again', { timeout: 120_000 }, async () => {
  let open = false
  server = await mailserver({ onRcptTo: (_to, _session, done) => done(open ? null : Object.assign(new Error('no such person'), { responseCode: 550 })) })
  const here = await aboutToSend(server.port)
  expect((await here.done('apply harbour', 1)).stdout).toContain('refused the recipients: 550 no such person; nothing was sent')
  open = true
  await here.done('apply harbour')
  expect(server.taken).toHaveLength(1)
})
