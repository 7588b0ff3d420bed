/** What people at the customer do in the product, by its own pages: their part of the demo. */
import { OnboardError } from '../../errors.ts'
import { fromBase32, totpCode } from '../../identity/accounts/totp.ts'
import { type CookieBrowser, cookieBrowser } from './browser.ts'
import type { Person } from './openid-provider.ts'

/** Where they do it. */
export interface Town {
  /** Origin of the product. */
  readonly url: string
  /** Slug of their tenant. */
  readonly tenant: string
  /** The database's clock, ISO 8601. */
  now(): Promise<string>
}

/** Within the network that the customer's security rules allow. */
const OFFICE = '203.0.113.7'
const PASSWORD = 'correct horse battery staple'

export const TOM: Person = { id: 'a-tom', email: 'tom@acme.example', name: 'Tom Braun', password: PASSWORD }
export const KIM: Person = { id: 'a-kim', email: 'kim@acme.example', name: 'Kim Sato', password: PASSWORD }

type Page = Awaited<ReturnType<CookieBrowser['open']>>

const inOffice = (): CookieBrowser => cookieBrowser({ from: OFFICE })

/** Throws where a page is not the one that was expected. */
function must(page: Page, what: string, found: boolean): void {
  if (found) return
  const says = /<h1[^>]*>([^<]*)<\/h1>/.exec(page.text)?.[1] ?? 'a page without a heading'
  throw new OnboardError('failed', 'demo-stopped', `The demo stops here: ${what} was expected at ${page.url}, and it says: ${says} (${page.status}).`)
}

/** The administrator chooses a password by the link that was handed over, signs in, and sets up a second factor. */
export async function setsPassword(town: Town, link: string): Promise<void> {
  const tom = inOffice()
  const chosen = await tom.submit(await tom.open(link), { next: PASSWORD, again: PASSWORD })
  must(chosen, 'the page to sign in', chosen.text.includes('name="password"'))
  const factor = await tom.submit(chosen, { email: TOM.email, password: PASSWORD })
  const key = /<code id="key">([A-Z2-7 ]+)<\/code>/.exec(factor.text)?.[1]?.replaceAll(' ', '')
  must(factor, 'the page of the second factor', key !== undefined)
  const step = Math.floor(Date.parse(await town.now()) / 30_000)
  const home = await tom.submit(factor, { code: totpCode(fromBase32(key ?? ''), step) })
  must(home, 'the start page', new URL(home.url).pathname === `/t/${town.tenant}/`)
}

/** Signs in at the customer's own identity provider, and comes back. */
async function throughProvider(browser: CookieBrowser, at: string, person: Person): Promise<Page> {
  const asked = await browser.open(at)
  must(asked, "the identity provider's page to sign in", asked.text.includes('Customer sign-in'))
  return browser.submit(await browser.submit(asked, { email: person.email, password: person.password }), {})
}

/** Opens the link of a test login, which lets nobody in. */
export async function triesLink(link: string): Promise<void> {
  const done = await throughProvider(inOffice(), link, KIM)
  must(done, 'the end of the test', done.status === 200)
}

/** The administrator comes in through the identity provider, and signs out of both. */
export async function signsInAndOut(town: Town, connection: string): Promise<void> {
  const tom = inOffice()
  const home = await throughProvider(tom, `${town.url}/sso/${town.tenant}/${connection}/login`, TOM)
  must(home, 'the start page', new URL(home.url).pathname === `/t/${town.tenant}/`)
  const out = await tom.submit(home, {})
  must(out, 'the end of the session', out.status === 200)
  const after = await tom.open(`${town.url}/t/${town.tenant}/`)
  must(after, 'the page to sign in', after.text.includes('name="password"') || after.text.includes('/sso/'))
}
