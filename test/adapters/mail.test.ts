import { createServer, type Server as TcpServer, type AddressInfo } from 'node:net'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { folderPostbox, smtpPostbox } from '../../src/adapters/mail.ts'
import type { Server } from '../../src/adapters/smtp.ts'
import type { Letter } from '../../src/contract.ts'
import type { OnboardError } from '../../src/errors.ts'
import { mailserver, type Mailserver } from '../support/smtp.ts'
import { createAuthority } from '../support/tls.ts'

const FROM = 'Example Vendor <onboarding@vendor.example>'
const letter: Letter = {
  message_id: '<0123456789abcdef@onboard.invalid>', to: ['ada@acme.example'], cc: ['tom@acme.example'], subject: 'Grüße, 株式会社', date: '2027-02-15T09:00:00Z',
  body: { media_type: 'text/plain', text: 'Hello Ada,\n.\nyou are live.\n' },
  attachments: [{ name: 'check-ins.ics', media_type: 'text/calendar', bytes: Buffer.from('BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n') }],
}

let server: Mailserver | undefined
let raw: TcpServer | undefined
afterEach(async () => {
  await server?.close()
  raw?.close()
  server = raw = undefined
})

const at = (port: number, more: Partial<Server> = {}) => smtpPostbox({ host: '127.0.0.1', port, security: 'none', timeout_ms: 400, ...more }, FROM)
const thrown = (work: Promise<unknown>): Promise<OnboardError> => work.then(() => { throw new Error('it was accepted') }, (error: OnboardError) => error)

/** A server of which nothing is known but that it says these lines, each after something was said to it. */
async function saying(...lines: string[]): Promise<number> {
  const made = createServer((socket) => {
    const left = [...lines]
    const say = () => void socket.write(`${left.shift() ?? ''}\r\n`)
    if (lines.length > 0) say()
    socket.on('data', () => left.length > 0 && say())
    socket.on('error', () => undefined)
  })
  raw = made
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve))
  return (made.address() as AddressInfo).port
}

describe('a server that takes mail', () => {
  test('gets the letter whole, with the Message-ID that was fixed', async () => {
    server = await mailserver()
    expect(await at(server.port).send(letter)).toMatchObject({ refused: [] })
    const [taken] = server.taken
    expect(taken).toMatchObject({ from: 'onboarding@vendor.example', to: ['ada@acme.example', 'tom@acme.example'] })
    expect(taken?.text).toContain('Message-ID: <0123456789abcdef@onboard.invalid>')
    expect(taken?.text).toContain('Date: Mon, 15 Feb 2027 09:00:00 +0000')
    expect(taken?.text).toContain('filename=check-ins.ics')
    expect(taken?.text).toMatch(/Subject: =\?UTF-8\?/)
  })

  test('that refuses one of two says which', async () => {
    server = await mailserver({ onRcptTo: ({ address }, _session, done) => done(address.startsWith('tom') ? new Error('no such person') : null) })
    expect((await at(server.port).send(letter)).refused).toEqual(['tom@acme.example'])
  })

  test('a password that is wrong is told from a server that is not there', async () => {
    server = await mailserver({ authOptional: false, allowInsecureAuth: true, onAuth: (_auth, _session, done) => done(new Error('wrong')) })
    const error = await thrown(at(server.port, { login: { user: 'u', password: 'hunter2' } }).send(letter))
    expect(error).toMatchObject({ kind: 'failed', code: 'mail-refused', message: expect.stringMatching(/refused the sign-in: .*; nothing was sent \(it is mail\.smtp of onboard\.config\.yaml that says who signs in\)$/) })
    expect(JSON.stringify(error) + error.message).not.toContain('hunter2')
  })
})

describe('a server that does not', () => {
  test('refusing the sender, all recipients or the content: known not to be sent', async () => {
    const refuse = (code: number) => Object.assign(new Error('not from you'), { responseCode: code })
    server = await mailserver({ onMailFrom: (_from, _session, done) => done(refuse(550)) })
    expect(await thrown(at(server.port).send(letter))).toMatchObject({ kind: 'failed', code: 'mail-refused', message: expect.stringContaining('refused the sender: 550 not from you; nothing was sent') })
    await server.close()
    server = await mailserver({ onRcptTo: (_to, _session, done) => done(refuse(451)) })
    expect(await thrown(at(server.port).send(letter))).toMatchObject({ code: 'mail-refused', message: expect.stringContaining('the recipients') })
    await server.close()
    server = await mailserver({}, async () => { throw refuse(554) })
    expect(await thrown(at(server.port).send(letter))).toMatchObject({ code: 'mail-refused', message: expect.stringContaining('554 not from you') })
  })

  test('nobody listening: unreachable', async () => {
    const port = await saying()
    await new Promise((resolve) => raw?.close(resolve))
    expect(await thrown(at(port).send(letter))).toMatchObject({ kind: 'unreachable', exit: 8, message: expect.stringMatching(new RegExp(`^the mail server 127\\.0\\.0\\.1:${port} cannot be reached: .*ECONNREFUSED.*; nothing was sent$`)) })
  })

  test('hanging before the greeting, and after it: unreachable, in time', async () => {
    for (const lines of [[], ['220 slow.example'], ['220 slow.example', '250 slow.example', '250 ok']]) {
      const port = await saying(...lines)
      const begun = performance.now()
      expect(await thrown(at(port).send(letter))).toMatchObject({ kind: 'unreachable', message: expect.stringMatching(/nothing was sent$/) })
      expect(performance.now() - begun).toBeLessThan(3000)
      raw?.close()
    }
  })

  test('speaking something else: unreachable, in one line', async () => {
    const port = await saying('HTTP/1.1 400 Bad\u001b[31m Request')
    const error = await thrown(at(port).send(letter))
    expect(error.kind).toBe('unreachable')
    // oxlint-disable-next-line no-control-regex
    expect(error.message).not.toMatch(/[\n\u001b]/)
  })

  test('hanging after it was given the mail: nobody can know', async () => {
    server = await mailserver({ closeTimeout: 1 }, () => new Promise(() => undefined))
    expect(await thrown(at(server.port).send(letter))).toMatchObject({ kind: 'waiting', code: 'mail-unknown' })
  })
})

describe('encryption', () => {
  test('a server that offers none gets nothing where starttls is asked for', async () => {
    server = await mailserver()
    expect(await thrown(at(server.port, { security: 'starttls' }).send(letter))).toMatchObject({ kind: 'unreachable' })
    expect(server.taken).toEqual([])
  })
  test('a certificate that nobody vouches for is not taken', async () => {
    server = await mailserver({ disabledCommands: [] }) // the server's own, self-signed
    expect(await thrown(at(server.port, { security: 'starttls' }).send(letter))).toMatchObject({ kind: 'unreachable', code: 'mail-tls', message: expect.stringContaining('certificate') })
    expect(server.taken).toEqual([])
  })
  describe('with an authority that is trusted, as by NODE_EXTRA_CA_CERTS', () => {
    const authority = createAuthority()
    const before = getCACertificates('default')
    beforeAll(() => setDefaultCACertificates([...before, authority.ca]))
    afterAll(() => {
      setDefaultCACertificates(before)
      authority.remove()
    })
    const good = () => authority.certificate('IP:127.0.0.1', -1, 30)

    test('starttls and tls hand the letter over, signed in', async () => {
      const login = { user: 'onboarding', password: 'word' }
      for (const security of ['starttls', 'tls'] as const) {
        const words: string[] = []
        server = await mailserver({
          ...good(), disabledCommands: [], secure: security === 'tls', authOptional: false,
          onAuth: ({ username, password }, session, done) => {
            words.push(`${username} ${password} ${session.secure}`)
            done(null, { user: username })
          },
        })
        await at(server.port, { security, login }).send(letter)
        expect([words, server.taken.length]).toEqual([['onboarding word true'], 1])
        await server.close()
      }
    })
    test('another name, or one whose time is over, is not taken', async () => {
      for (const wrong of [authority.certificate('DNS:other.example', -1, 30), authority.certificate('IP:127.0.0.1', -30, -1)]) {
        server = await mailserver({ ...wrong, disabledCommands: [], secure: true })
        expect(await thrown(at(server.port, { security: 'tls' }).send(letter))).toMatchObject({ kind: 'unreachable', code: 'mail-tls' })
        expect(server.taken).toEqual([])
        await server.close()
      }
    })
  })

  test('mail without encryption leaves this machine never', async () => {
    expect(await thrown(smtpPostbox({ host: 'mail.vendor.example', port: 25, security: 'none', timeout_ms: 100 }, FROM).send(letter))).toMatchObject({ kind: 'invalid', code: 'mail-unencrypted' })
  })
})

describe('a folder', () => {
  test('holds each mail once, for its owner alone, however often it is sent', async () => {
    const folder = join(await mkdtemp(join(tmpdir(), 'onboard-mail-')), 'outbox')
    const box = folderPostbox(folder, FROM)
    await box.send(letter)
    await box.send(letter)
    expect(await readdir(folder)).toEqual(['0123456789abcdef@onboard.invalid.eml'])
    const file = join(folder, '0123456789abcdef@onboard.invalid.eml')
    expect((await stat(file)).mode & 0o077).toBe(0)
    expect(await readFile(file, 'utf8')).toContain('From: Example Vendor <onboarding@vendor.example>')
    await rm(folder, { recursive: true })
  })
  test('that is a file is named', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'onboard-mail-')), 'outbox')
    await writeFile(file, '')
    expect(await thrown(folderPostbox(file, FROM).send(letter))).toMatchObject({ kind: 'failed', code: 'mail-not-written', message: expect.stringContaining(file) })
  })
})
