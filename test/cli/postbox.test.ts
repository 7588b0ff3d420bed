import { describe, expect, test } from 'vitest'
import { postboxOf } from '../../src/cli/postbox.ts'
import type { OnboardError } from '../../src/errors.ts'
import type { Config, MailSettings } from '../../src/onboarding/config.ts'
import { loadConfig } from '../../src/onboarding/config.ts'

const config = (mail?: MailSettings): Config => {
  const base = loadConfig(Buffer.from('apiVersion: onboard/v1\nvendor: { name: Example Vendor }\n'), 'onboard.config.yaml')
  return mail === undefined ? base : { ...base, mail }
}
const from = 'Example Vendor <onboarding@vendor.example>'
const smtp = { host: 'smtp.vendor.example', port: 587, security: 'starttls' } as const
const trusted = async () => undefined
const thrown = (work: Promise<unknown>): Promise<OnboardError> => work.then(() => { throw new Error('it was accepted') }, (error: OnboardError) => error)

describe('where mail goes', () => {
  test('without a config into ONBOARD_HOME, and nobody needs to be trusted for that', async () => {
    const asked: string[] = []
    const box = await postboxOf(config(), { ONBOARD_HOME: '/home/ada/onboard' }, null, async () => void asked.push('trust'))
    expect([box.via, box.repeatable, asked]).toEqual(['folder /home/ada/onboard/outbox', true, []])
  })
  test('into a folder of the workspace', async () => {
    expect((await postboxOf(config({ from, folder: 'sent' }), {}, '/srv/ours', trusted)).via).toBe('folder /srv/ours/sent')
  })
  test('to a server, which is not asked twice for one mail', async () => {
    const box = await postboxOf(config({ from, smtp: { ...smtp, user: 'onboarding', password_env: 'SMTP_PASSWORD' } }), { SMTP_PASSWORD: 'word' }, '/work', trusted)
    expect([box.via, box.repeatable]).toEqual(['smtp.vendor.example:587', false])
  })
  test('a password that is not in the environment is named, and no server is spoken to', async () => {
    const error = await thrown(postboxOf(config({ from, smtp: { ...smtp, user: 'onboarding', password_env: 'SMTP_PASSWORD' } }), {}, '/work', trusted))
    expect(error).toMatchObject({ kind: 'invalid', code: 'no-credential', message: expect.stringContaining('SMTP_PASSWORD is not set') })
  })
  test('half a sign-in is none', async () => {
    for (const half of [{ user: 'onboarding' }, { password_env: 'SMTP_PASSWORD' }]) {
      const error = await thrown(postboxOf(config({ from, smtp: { ...smtp, ...half } }), { SMTP_PASSWORD: 'word' }, '/work', trusted))
      expect(error).toMatchObject({ kind: 'invalid', code: 'half-credential' })
    }
  })
  test('a config that is not trusted names neither a server nor a folder', async () => {
    const refuse = async () => { throw new Error('not trusted') }
    for (const mail of [{ from, smtp }, { from, folder: '/etc' }, { from }]) await expect(postboxOf(config(mail), {}, '/work', refuse)).rejects.toThrow('not trusted')
  })
})

test.each([
  ['no sender', 'mail: { folder: x }', 'from'],
  ['a server without a way to encrypt', 'mail: { from: a@b.example, smtp: { host: x, port: 25 } }', 'security'],
  ['a password in the file', 'mail: { from: a@b.example, smtp: { host: x, port: 25, security: tls, password: hunter2 } }', 'password'],
  ['a document of no known state', 'documents: [{ id: guide, title: Guide, status: soon }]', 'soon'],
])('the config: %s is refused', (_title, line, named) => {
  const text = `apiVersion: onboard/v1\nvendor: { name: Example Vendor }\n${line}\n`
  try {
    loadConfig(Buffer.from(text), 'onboard.config.yaml')
  } catch (error) {
    expect((error as OnboardError).diagnostics.map(({ message }) => message).join()).toContain(named)
    return
  }
  throw new Error('it was accepted')
})
