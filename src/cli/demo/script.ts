/** One thing that the demo does: a sentence, and the commands that do it. */
export interface Scene {
  readonly says: string
  readonly commands: readonly Typed[]
}

export interface Typed {
  /** Words after `onboard`. */
  readonly argv: readonly string[]
  /** Exit codes with which it has done what the scene needs. */
  readonly fine: readonly number[]
}

/** Files that a person would have: what proves the signatures of the contract phase. */
export const EVIDENCE: ReadonlyMap<string, string> = new Map([
  ['evidence/contract.txt', 'Acme Industrial GmbH and Example Vendor have signed the contract (example).\n'],
  ['evidence/dpa.txt', 'Acme Industrial GmbH and Example Vendor have signed the data processing agreement (example).\n'],
  ['evidence/questionnaire.txt', 'Security questionnaire of Acme Industrial GmbH, answered (example).\n'],
])

export const DATABASE = 'demo'

interface Telling {
  readonly folder: string
  readonly today: string
  readonly secrets: string | undefined
  readonly flags: readonly string[]
}

/**
 * The demo's story. `folder` is its workspace as typed; `today` the day on which its clock stands; `secrets` the file for the administrator's link, or undefined
 * where that was handed over in an earlier run; `flags` go behind every command.
 */
export function script({ folder, today, secrets, flags }: Telling): readonly Scene[] {
  const handoff = `${folder}/acme.handoff.yaml`
  const scene = (says: string, ...commands: (readonly string[] | Typed)[]): Scene => ({
    says,
    commands: commands.map((one) => ('argv' in one ? one : { argv: [...one, ...flags], fine: [0] })),
  })
  const waits = (...argv: string[]): Typed => ({ argv: [...argv, ...flags], fine: [0, 5] })
  const signed = (step: string, ...how: string[]) => ['sign', 'acme', step, ...how]
  return [
    scene('A workspace, with a config and an example handoff', { argv: ['init', folder, '--database', DATABASE, '--today', today], fine: [0] }),
    scene('Sales hands over: checked field by field, accepted, and the runbook pinned', ['handoff', 'accept', '--file', handoff, '--runbook', 'enterprise']),
    scene('What a machine can check is checked; what only a person can say is waited for', waits('apply', 'acme')),
    scene(
      'The people of the contract phase give their word, with evidence',
      signed('contract_signed', '--signer', 'lea@vendor.example', '--evidence', `${folder}/evidence/contract.txt`),
      signed('dpa_signed', '--signer', 'lea@vendor.example', '--evidence', `${folder}/evidence/dpa.txt`),
      signed('questionnaire', '--signer', 'noor@vendor.example', '--evidence', `${folder}/evidence/questionnaire.txt`),
      signed('certifications', '--signer', 'noor@vendor.example', '--note', 'SOC 2 report sent; no gap'),
    ),
    scene('What provisioning will change, and then the doing of it, exactly once', ['plan', 'acme', '--phase', 'provision'], waits('provision', 'acme', ...(secrets === undefined ? [] : ['--secrets-out', secrets]))),
    scene('The administrator has signed in, says the customer', signed('first_login', '--on-behalf-of', 'technical', '--note', 'signed in and set a password')),
    scene('Where it stands', ['status', 'acme']),
  ]
}

/** What to try after it. */
export function tryNext(flags: readonly string[]): readonly (readonly string[])[] {
  return [['drift', 'acme', ...flags], ['audit', 'verify', 'acme', ...flags], ['rollback', 'acme', '--to', 'provision', '--dry-run', ...flags]]
}
