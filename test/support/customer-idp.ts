/** A customer's SAML identity provider as a process of its own: SimpleSAMLphp where this machine has it, else ours. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Page } from 'playwright-core'
import type { SpUrls } from '../../src/identity/saml/urls.ts'
import { idpKey } from './saml-idp.ts'
import { PERSON, SIMPLESAMLPHP, startSimpleSamlPhp } from './simplesamlphp.ts'

export { PERSON }

export interface CustomerIdp {
  readonly metadata: string
  /** Its administrator has entered what the sheet says. */
  register(urls: SpUrls, certificate: string): Promise<void>
  /** PERSON types their password on the page that is open, and comes back. */
  signIn(page: Page): Promise<void>
  close(): Promise<void>
}

export async function customerIdp(): Promise<CustomerIdp> {
  return SIMPLESAMLPHP === undefined ? ours() : php()
}

async function php(): Promise<CustomerIdp> {
  const now = new Date().toISOString()
  const provider = await startSimpleSamlPhp([await idpKey('acme', now), await idpKey('acme next', now)])
  return {
    metadata: await (await fetch(`${provider.origin}/saml2/idp/metadata.php`)).text(),
    register: async (urls, certificate) => provider.register(urls, certificate, false),
    async signIn(page) {
      await page.locator('input[name="username"]').fill(PERSON.name)
      await page.locator('input[name="password"]').fill(PERSON.password)
      await page.locator('input[name="password"]').press('Enter')
    },
    close: () => provider.close(),
  }
}

async function ours(): Promise<CustomerIdp> {
  const person = {
    id: PERSON.name, email: PERSON.email, password: PERSON.password, name: 'Ada Lovelace',
    claims: { groups: ['admins', 'staff'] },
  }
  const program = join(import.meta.dirname, 'saml-provider-process.ts')
  const child = spawn(process.execPath, [program, JSON.stringify([person])], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })
  const said = async (): Promise<{ metadata: string }> => JSON.parse((await once(lines, 'line'))[0] as string) as never
  const { metadata } = await said()
  return {
    metadata,
    async register({ entity_id, acs, slo }, certificate) {
      const heard = said()
      child.stdin.write(`${JSON.stringify({ entity_id, acs, slo, certificates: [certificate] })}\n`)
      await heard
    },
    async signIn(page) {
      await page.getByLabel('E-mail').fill(PERSON.email)
      await page.getByLabel('Password').fill(PERSON.password)
      await page.getByRole('button', { name: 'Sign in' }).click()
    },
    async close() {
      child.stdin.end()
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}
