import type { Json } from '../../model.ts'
import type { Output } from '../output.ts'
import type { TestResult } from '../sso/test-login.ts'
import { bold, dim, green, red, yellow } from '../style.ts'

const ACCOUNTS: Readonly<Record<string, string>> = {
  known: 'an account that has signed in by it before', linked: 'an account with this address, at its first login by it',
  created: 'none yet: a first login would make one',
}

/** What came of a test login. */
export function showTestLogin({ outcome, mapped, attributes, refused }: TestResult, out: Output): void {
  if (outcome === 'nobody') out.line(yellow('!'), ' nobody signed in by the link in time')
  if (refused !== null) {
    out.line(red('✗'), ' ', bold(`refused: ${refused.code}`), dim(` (${refused.stage})`))
    out.line('  ', refused.reason)
  }
  if (mapped !== null) {
    out.line(green('✓'), ' ', bold('accepted'))
    const { email, name, role, role_from: from, account } = mapped
    out.table([
      ['', 'address', text(email)], ['', 'name', text(name)],
      ['', 'role', `${text(role)}${from === null || from === undefined ? '' : ` (by ${text(from)})`}`],
      ['', 'account', ACCOUNTS[text(account)] ?? text(account)],
    ])
  }
  if (attributes === null) return
  out.line(dim(Object.keys(attributes).length === 0 ? 'no attributes were sent' : 'what was sent'))
  out.table(Object.entries(attributes).map(([attribute, values]) => [
    '', attribute, [values].flat().map((one) => text(one as Json)).join(', '),
  ]))
}

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null))
