import { addDays, takeBusinessDays } from '../../onboarding/calendar.ts'
import { CLIENT, METADATA, type PAPERS } from './papers.ts'
import type { Deed, Deeds, Scene, SignIns, Typed } from './scene.ts'

export const DATABASE = 'demo'

interface Telling {
  readonly folder: string
  readonly today: string
  /** Instant at which the clock stands: moves to moments that have passed are left out. */
  readonly now: string
  /** The second customer was taken back in an earlier run: its go-live is not told again. */
  readonly rolledBack: boolean
  /** The day on which both customers go live, as their handoffs say. */
  readonly goLive: string
  readonly holidays: readonly string[]
  /** Files for the administrators' links; undefined where those were handed over in an earlier run. */
  readonly secrets: { readonly acme: string | undefined; readonly borealis: string | undefined }
  /** File for the token of Acme's directory; undefined where it was issued in an earlier run. */
  readonly scimSecrets: string | undefined
  /** Where customers sign in while it is told. */
  readonly url: string
  readonly deeds: Deeds
  readonly serves: Deed['does']
  /** Behind every command. */
  readonly flags: readonly string[]
}

const PEOPLE = {
  legal: 'lea@vendor.example',
  engineering: 'eva@vendor.example',
  lead: 'eli@vendor.example',
  security: 'noor@vendor.example',
  cto: 'mira@vendor.example',
  success: 'cleo@vendor.example',
}

/** The demo's story, as the commands that tell it. */
export function script(telling: Telling): readonly Scene[] {
  const { folder, today, goLive, holidays, flags, url, deeds } = telling
  const free = new Set(holidays)
  const before = (days: number) => takeBusinessDays(goLive, days, free)
  const type = (argv: readonly string[], fine: readonly number[] = [0]): Typed => ({ argv: [...argv, ...flags], fine })
  const paper = (name: (typeof PAPERS)[number]) => ['--evidence', `${folder}/evidence/${name}.txt`]
  const accept = (customer: string): Typed => type([
    'handoff', 'accept', '--file', `${folder}/${customer}.handoff.yaml`, '--runbook', 'enterprise',
    '--accepted-by', PEOPLE.engineering,
  ])
  const clock = (day: string): readonly Typed[] => {
    const to = `${day}T08:00:00Z`
    return to <= telling.now ? [] : [type(['db', 'clock', '--to', to])]
  }
  const tell = (customer: string) => ({
    name: customer,
    goes: (...more: string[]) => type(['apply', customer, ...more], [0, 5]),
    sign: (step: string, by: string, ...how: string[]) => type(['sign', customer, step, '--signer', by, ...how]),
    customer: (step: string, ...how: string[]) => type(['sign', customer, step, '--on-behalf-of', 'technical', ...how]),
    waive: (step: string, by: string, reason: string) => (
      type(['waive', customer, step, '--signer', by, '--until', yearAfter(goLive), '--reason', reason])
    ),
    secrets: (file: string | undefined) => (file === undefined ? [] : ['--secrets-out', file]),
  })
  const acme = tell('acme')
  const other = tell('borealis')
  const live = telling.rolledBack ? [acme] : [acme, other]
  const { legal, engineering, lead, security, cto, success } = PEOPLE
  const scene = (says: string, ...commands: (Typed | Deed | readonly (Typed | Deed)[])[]): Scene => ({
    says, commands: commands.flat() as readonly (Typed | Deed)[],
  })
  const tries = (customer: string, { triesLink }: SignIns): readonly Typed[] => (triesLink === null ? [] : [{
    ...type(['sso', 'test', customer, '--timeout', '60']),
    meanwhile: { shown: /https?:\/\/\S+[?&]test=\S+/, does: triesLink },
  }])
  const deed = (tells: string, does: Deed['does']): Deed => ({ tells, does })
  const missing = 'the demo has no product to ask'
  const tried = ['create_projects', 'edit_projects', 'export_results', 'manage_settings', 'roles']
  const works = tried.flatMap((name) => ['--set', `${name}=works`])
  const window = `onboard serve --port ${new URL(url).port} --trust-proxy 127.0.0.1 ${flags.join(' ')}`
  const client = ['--client-id', CLIENT.id, '--client-secret-file', `${folder}/${CLIENT.secretFile}`]

  return [
    scene(
      'A workspace, with a config and an example handoff',
      { argv: ['init', folder, '--database', DATABASE, '--today', today, '--app-url', url, '--gateway'], fine: [0] },
      deed(`In another window the product is served from now on: ${window}`, telling.serves),
    ),
    scene('Sales hands over: checked field by field, accepted, and the runbook pinned', accept('acme')),
    scene(
      'What a machine can check is checked; what only a person can say is waited for', acme.goes(), type(['tasks']),
    ),
    scene(
      'The people of the contract phase give their word, with evidence',
      acme.sign('contract_signed', legal, ...paper('contract')),
      acme.sign('dpa_signed', legal, ...paper('dpa')),
      acme.sign('questionnaire', security, ...paper('questionnaire')),
      acme.sign('certifications', security, '--note', 'SOC 2 report sent; no gap'),
    ),
    scene(
      'What provisioning will change, and then the doing of it, exactly once',
      type(['plan', 'acme', '--phase', 'provision']),
      type(['provision', 'acme', ...acme.secrets(telling.secrets.acme)], [0, 5]),
    ),
    scene(
      'The administrator gets in, by the link that was handed over',
      deed('Tom opens the link, chooses a password, signs in and sets up a second factor', deeds.acme.setsPassword),
      acme.customer('first_login', '--note', 'signed in and set a password'),
    ),
    scene(
      'Single sign-on: what the customer publishes is read, tried by a link that lets nobody in, then switched on',
      type(['sso', 'acme'], [0, 5]),
      acme.sign('test_user', engineering, '--note', 'Kim, who is no administrator'),
      deed("Acme's administrator sets its identity provider up as the sheet says", deeds.acme.setsUp),
      acme.customer('their_side'),
      type(['sso', 'acme', '--metadata', `${folder}/${METADATA}`, '--signer', engineering], [0, 5]),
      tries('acme', deeds.acme),
      type(['sso', 'acme'], [0, 5]),
      deed("Tom signs in through Acme's identity provider, and signs out of both", deeds.acme.signsInAndOut),
      acme.customer('sso.passwords', '--set', 'passwords=go', '--set', 'emergency=tom@acme.example'),
      type(['sso', 'acme'], [0, 5]),
    ),
    scene(
      "User provisioning: a token for Acme's directory, our own test of the endpoint, then the directory itself",
      type(['scim', 'acme', '--step', 'available']),
      acme.customer('scim.directory'),
      acme.sign('test_scope', engineering, '--note', 'three people of the pilot'),
      type(['scim', 'acme', ...acme.secrets(telling.scimSecrets)], [0, 5]),
      deed('The token is handed over, and is in SCIM_TEST_TOKEN for our own test', deeds.takesToken),
      acme.customer('scim.roles', '--answers', `${folder}/acme.groups.yaml`),
      type(['scim', 'acme'], [0, 5]),
      acme.customer('scim.connector'),
      deed(
        "Acme's directory makes users and groups, renames one, and switches one off: as Okta does it, then as Entra ID",
        deeds.syncs,
      ),
      type(['scim', 'acme'], [0, 5]),
    ),
    scene(
      'A second customer, without a directory and with OpenID Connect: other steps, decided by its handoff',
      accept('borealis'),
      other.goes(),
      other.sign('discovery_documented', engineering),
      other.sign('contract_signed', legal, ...paper('contract')),
      other.sign('questionnaire', security, ...paper('questionnaire')),
      other.goes('--phase', 'contract'),
      type(['provision', 'borealis', ...other.secrets(telling.secrets.borealis)], [0, 5]),
      deed('Sam opens the link, chooses a password and signs in', deeds.borealis.setsPassword),
      other.customer('first_login'),
      telling.rolledBack ? [] : [
        type(['sso', 'borealis'], [0, 5]),
        other.sign('test_user', engineering, '--note', 'Jo, who is no administrator'),
        deed("Borealis' administrator sets its OpenID provider up as the sheet says", deeds.borealis.setsUp),
        other.customer('their_side'),
        ...(deeds.borealis.triesLink === null ? [] : [
          type(['sso', 'borealis', '--issuer', deeds.issuer, ...client, '--signer', engineering], [0, 5]),
        ]),
        ...tries('borealis', deeds.borealis),
        type(['sso', 'borealis'], [0, 5]),
        deed("Sam signs in through Borealis' OpenID provider, and signs out of both", deeds.borealis.signsInAndOut),
        other.customer('sso.passwords', '--set', 'passwords=stay', '--set', 'emergency=sam@borealis.example'),
        type(['sso', 'borealis'], [0, 5]),
      ],
    ),
    scene(
      'Validation, ten days before go-live: what the config names nothing to look at is waived by name, never ticked',
      clock(before(10)),
      ['core_features', 'integrations', 'response_times', 'operations'].map(
        (step) => acme.waive(`validation.${step}`, lead, missing),
      ),
      ['https', 'headers'].map((step) => acme.waive(`validation.${step}`, security, missing)),
      acme.goes(),
      acme.customer('admin_login', '--note', 'signed in'),
      acme.customer('password_reset', '--note', 'reset once, and not twice'),
      acme.sign('session_ends', engineering, ...paper('sessions')),
      acme.sign('admin_rights', engineering, ...paper('role-matrix')),
      acme.sign('user_rights', engineering, ...paper('role-matrix')),
      acme.sign('isolation', engineering, ...paper('isolation')),
      acme.sign('audit_log', engineering, ...paper('audit')),
      acme.customer('uat_workflows', ...works),
      acme.goes(),
      acme.customer('uat_integrations'),
      acme.customer('uat_sso'),
      acme.goes(),
      acme.customer('uat_customer'),
      acme.sign('uat_engineering', engineering),
      type(['status', 'acme']),
    ),
    ...(telling.rolledBack ? [] : [scene(
      'The second customer is tried as well',
      other.customer('admin_login'),
      other.customer('password_reset'),
      other.sign('session_ends', engineering, ...paper('sessions')),
      other.sign('admin_rights', engineering, ...paper('role-matrix')),
      other.sign('user_rights', engineering, ...paper('role-matrix')),
      other.sign('isolation', engineering, ...paper('isolation')),
      other.sign('audit_log', engineering, ...paper('audit')),
      ['core_features', 'response_times', 'operations'].map((step) => other.waive(`validation.${step}`, lead, missing)),
      ['https', 'headers'].map((step) => other.waive(`validation.${step}`, security, missing)),
      other.goes(),
      other.customer('uat_workflows', ...works),
      other.goes(),
      other.customer('uat_sso'),
      other.customer('uat_customer'),
      other.sign('uat_engineering', engineering),
    )]),
    scene(
      'The day before: whom to call is written down and sent, and three people say go',
      clock(before(1)),
      live.flatMap((one) => [
        one.waive('go_live.monitoring', lead, missing),
        one.waive('go_live.guides_ready', success, 'The guides follow in the first week'),
        one.goes(),
        one.sign('approved_engineering', lead),
        one.sign('approved_success', success),
      ]),
      live.map((one) => one.sign('approved_cto', cto)),
    ),
    scene(
      'Go-live: production access, and a mail that says what is true of the tenant',
      clock(goLive),
      live.map((one) => one.waive('go_live.final_health', lead, missing)),
      live.map((one) => type(['go-live', one.name], [0, 5])),
      live.map((one) => one.sign('first_hour', engineering, ...paper('first-hour'))),
      type(['document', 'show', 'acme', 'go-live-mail']),
    ),
    scene(
      'Something is badly wrong for the second customer: back at once, and everybody is told',
      type(['issue', 'add', 'borealis', 'Nobody can save', '--severity', 'P0']),
      type([
        'rollback', 'borealis', '--condition', 'critical', '--reason', 'Nobody can save their work', '--issue', '1',
        '--confirm', 'borealis',
      ], [0, 5]),
      deed('Sam signs in by password, as before', deeds.signsInByPassword),
      other.customer('way_in_works', '--note', 'signed in by password'),
      other.goes(),
      type(['status', 'borealis']),
    ),
    scene(
      'The days after, for the first one: the night, and the first check-in',
      clock(addDays(goLive, 1)),
      acme.waive('go_live.error_patterns', lead, missing),
      acme.waive('go_live.adoption', success, missing),
      acme.goes(),
      acme.sign('overnight_reviewed', engineering, '--note', 'quiet'),
      clock(addDays(goLive, 3)),
      acme.goes(),
      type(['hypercare', 'check-in', 'acme', '--signer', success, '--note', 'They like it'], [0, 5]),
      acme.goes(),
      other.goes(),
    ),
    scene('Where they stand', type(['status', 'acme']), type(['status'])),
    scene(
      'What was written for them, as files',
      ['acme', 'borealis'].map((name) => type(['document', 'export', name, `${folder}/documents/${name}`])),
    ),
  ]
}

/** What to try after it. */
export function tryNext(flags: readonly string[]): readonly (readonly string[])[] {
  return [
    ['tasks', ...flags], ['audit', 'verify', 'acme', ...flags],
    ['document', 'show', 'acme', 'check-in-day-3', ...flags],
  ]
}

function yearAfter(date: string): string {
  return addDays(date, 365)
}
