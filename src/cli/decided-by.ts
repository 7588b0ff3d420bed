import type { Work } from '../engine/ports.ts'
import type { Person } from '../model.ts'
import type { Config } from '../onboarding/config.ts'
import { staffOf, withMail } from '../onboarding/people.ts'
import { staffNamed } from './signer.ts'

/**
 * Whose decision it is: the person of the config whom --signer names, else who types, where the config knows them;
 * null: the recorder stands for themselves. Throws forbidden for a mail address that the config does not know.
 */
export function decidedBy(
  work: Pick<Work, 'actor'>, config: Pick<Config, 'roles'>, signer: string | undefined, retype: string,
): Person | null {
  if (signer !== undefined) {
    const withSigner = (near?: string): string => (near === undefined ? retype : `${retype} --signer ${near}`)
    return staffNamed(signer, config, withSigner).person
  }
  const { email } = work.actor
  return email === null ? null : (withMail(staffOf(config), email)[0]?.person ?? null)
}
