/** What people at the customer do in the product, by its own pages: their part of the demo. */
import { OnboardError } from '../../errors.ts'
import { fromBase32, totpCode } from '../../identity/accounts/totp.ts'
import { type CookieBrowser, cookieBrowser, type Page } from './browser.ts'
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
export const SAM: Person = { id: 'b-sam', email: 'sam@borealis.example', name: 'Sam Ito', password: PASSWORD }
export const JO: Person = { id: 'b-jo', email: 'jo@borealis.example', name: 'Jo Park', password: PASSWORD }
export const KIM: Person = { id: 'a-kim', email: 'kim@acme.example', name: 'Kim Sato', password: PASSWORD }

const inOffice = (): CookieBrowser => cookieBrowser({ from: OFFICE })

/** Throws where a page is not the one that was expected. */
function must(page: Page, what: string, found: boolean): void {
  if (found) return
  const says = /<h1[^>]*>([^<]*)<\/h1>/.exec(page.text)?.[1] ?? 'a page without a heading'
  const message = `The demo stops here: ${what} was expected at ${page.url}, and it says: ${says} (${page.status}).`
  throw new OnboardError('failed', 'demo-stopped', message)
}

/**
 * Chooses a password by the link that was handed over, signs in, and sets up a second factor where one is asked for.
 */
export async function setsPassword(town: Town, person: Person, link: string): Promise<void> {
  const browser = inOffice()
  const chosen = await browser.submit(await browser.open(link), { next: PASSWORD, again: PASSWORD })
  must(chosen, 'the page to sign in', chosen.text.includes('name="password"'))
  const entered = await browser.submit(chosen, { email: person.email, password: PASSWORD })
  const key = /<code id="key">([A-Z2-7 ]+)<\/code>/.exec(entered.text)?.[1]?.replaceAll(' ', '')
  if (key === undefined) return mustBeIn(town, entered)
  const step = Math.floor(Date.parse(await town.now()) / 30_000)
  mustBeIn(town, await browser.submit(entered, { code: totpCode(fromBase32(key), step) }))
}

/** Signs in by the password that was chosen before. */
export async function signsInByPassword(town: Town, person: Person): Promise<void> {
  const browser = inOffice()
  const page = await browser.open(`${town.url}/t/${town.tenant}/login`)
  mustBeIn(town, await browser.submit(page, { email: person.email, password: PASSWORD }))
}

function mustBeIn({ tenant }: Pick<Town, 'tenant'>, page: Page): void {
  must(page, 'the start page', new URL(page.url).pathname === `/t/${tenant}/`)
}

/**
 * Signs in at the customer's own identity provider, and comes back: what it answers is posted by a page, or redirected.
 */
async function throughProvider(browser: CookieBrowser, at: string, person: Person): Promise<Page> {
  const asked = await browser.open(at)
  must(asked, "the identity provider's page to sign in", asked.text.includes('Customer sign-in'))
  const answer = await browser.submit(asked, { email: person.email, password: person.password })
  return answer.text.includes('name="SAMLResponse"') ? browser.submit(answer, {}) : answer
}

/** Opens the link of a test login, which lets nobody in. */
export async function triesLink(link: string, person: Person): Promise<void> {
  const done = await throughProvider(inOffice(), link, person)
  must(done, 'the end of the test', done.status === 200)
}

/** Comes in through the identity provider, and signs out of both. */
export async function signsInAndOut(
  { url, tenant }: Pick<Town, 'url' | 'tenant'>, connection: string, person: Person,
): Promise<void> {
  const browser = inOffice()
  const home = await throughProvider(browser, `${url}/sso/${tenant}/${connection}/login`, person)
  mustBeIn({ tenant }, home)
  const out = await browser.submit(home, {})
  // An OpenID provider asks whether it is meant.
  const ended = out.text.includes('name="logout"') ? await browser.submit(out, { logout: 'yes' }) : out
  must(ended, 'the end of the session', ended.status === 200)
  const after = await browser.open(`${url}/t/${tenant}/`)
  must(after, 'the page to sign in', new URL(after.url).pathname === `/t/${tenant}/login`)
}
