/** Answers the step that waits for what an identity provider publishes. */
import { canonical } from '../../digest.ts'
import { OnboardError } from '../../errors.ts'
import type { Work } from '../../engine/ports.ts'
import { keyText } from '../../engine/keys.ts'
import type { Answer, JsonObject, Step } from '../../model.ts'
import { sign, turnOf, type SignResult } from '../../onboarding/sign.ts'
import type { Signer } from '../signer.ts'
import type { Details } from './read-details.ts'

/** Which step takes it, and what was handed in before. */
export interface Taker {
  readonly protocol: 'saml' | 'oidc'
  readonly step: string
  readonly isReady: boolean
  /** null: nothing yet. */
  readonly before: Answer | null
}

/**
 * The step of this onboarding that takes what was given.
 * @throws OnboardError usage where its runbook has none, invalid where the handoff says the other protocol
 */
export async function takerOf(work: Work, given: 'saml' | 'oidc' | null): Promise<Taker> {
  const customer = work.onboarding.key
  const sso = (work.inputs.handoff['technical'] as JsonObject | undefined)?.['sso'] as JsonObject | undefined
  const said = sso?.['provider'] === 'oidc' ? 'oidc' : 'saml'
  const revise = { suggestions: [`onboard handoff revise ${customer} --file FILE --reason TEXT`] }
  if (sso?.['required'] !== true) {
    const message = `The handoff of ${customer} asks for no single sign-on (technical.sso.required).`
    throw new OnboardError('invalid', 'not-sold', message, revise)
  }
  if (given !== null && given !== said) {
    const message = `The handoff of ${customer} says ${said} (technical.sso.provider), `
      + `and ${given === 'saml' ? 'SAML metadata' : 'an OIDC issuer'} was given.`
    throw new OnboardError('invalid', 'other-protocol', message, revise)
  }
  const takes = ({ uses, with: input }: Step): boolean => uses === 'sso.details' && input['protocol'] === said
  const [found] = work.runbook.phases.flatMap(
    ({ id, steps }) => steps.filter(takes).map((step) => ({ phase: id, step: step.id, instance: '' })),
  )
  if (found === undefined) {
    const { name, version } = work.runbook
    const message = `The runbook that ${customer} has pinned (${name} ${version}) has no step that takes this.`
    throw new OnboardError('usage', 'no-such-step', message, { suggestions: [`onboard upgrade ${customer}`] })
  }
  const turn = await turnOf(work, found)
  const word = turn.record?.word
  const before = word?.kind === 'signed' ? (word.detail['answer'] as unknown as Answer | undefined) : undefined
  return { protocol: said, step: keyText(found), isReady: turn.readiness.state === 'ready', before: before ?? null }
}

/** Of what was fetched again, this says nothing new. */
const apart = (idp: JsonObject): string => canonical({ ...idp, metadata_at: null })

/** What was handed in before. */
type Was = Readonly<Partial<Record<'idp' | 'mapping' | 'sample' | 'agreed', JsonObject>>>

/**
 * Signs the step with what was given, and with what was handed in before where that was not given again.
 * The same again changes nothing.
 */
export async function handIn(
  work: Work, { step, before }: Taker, details: Details, { person, roles }: Signer,
): Promise<SignResult> {
  const was = (before?.values ?? {}) as Was
  const customer = work.onboarding.key
  const { idp: given, evidence: file } = details
  const isKnown = given !== null && was.idp !== undefined && apart(given) === apart(was.idp)
  const idp = given === null || isKnown ? was.idp : given
  if (idp === undefined) {
    const message = 'A mapping, a sample or what is agreed belongs to an identity provider, '
      + `and none was handed in for ${customer} yet.`
    throw new OnboardError('usage', 'nothing-to-add-to', message, {
      suggestions: [`onboard sso ${customer} --metadata FILE`],
    })
  }
  const [mapping, sample] = [details.mapping ?? was.mapping, details.sample ?? was.sample]
  const agreed = { ...was.agreed, ...details.agreed }
  const values = {
    idp, ...(mapping === undefined ? {} : { mapping }), ...(sample === undefined ? {} : { sample }),
    ...(Object.keys(agreed).length === 0 ? {} : { agreed }),
  }
  const evidence = file !== null && !isKnown ? [file] : await stored(work, before)
  return sign(work, { step, signer: person, roles, note: before?.note ?? null, evidence, values })
}

/** The files that were handed in before. */
async function stored(work: Work, before: Answer | null): Promise<{ name: string; bytes: Uint8Array }[]> {
  return work.reading(async (read) => {
    const files = []
    for (const { name, digest } of before?.evidence ?? []) {
      const row = await read(work.onboarding.key).one<{ bytes: Uint8Array }>(
        'SELECT bytes FROM onboard.evidence WHERE digest = $1', [digest],
      )
      if (row !== undefined) files.push({ name, bytes: row.bytes })
    }
    return files
  })
}
