import { exampleDates, exampleHandoff } from './example-handoff.ts'

interface Wishes {
  /** As in `runbook:`, and the name of its folder. */
  readonly name: string
  /** The example's dates are computed from it, `YYYY-MM-DD`. */
  readonly today: string
  /** Folder of the schemas for editors, from the workspace on; null: none is named. */
  readonly schemas: string | null
}

/** A runbook to begin with, that lints clean and whose test passes: paths in its folder → texts. */
export function newRunbook({ name, today, schemas }: Wishes): ReadonlyMap<string, string> {
  const line = (schema: string, up: string) => (
    schemas === null ? '' : `# yaml-language-server: $schema=${up}${schemas}/${schema}.schema.json\n`
  )
  const title = name.split('-').map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join(' ')
  const handoff = exampleHandoff(exampleDates(today), `../../../${schemas ?? 'schemas'}/handoff.schema.json`)
  return new Map([
    ['runbook.yaml', `${line('runbook', '../../')}${runbook(name, title)}`],
    ['phases/prepare.yaml', `${line('phase', '../../../')}${PREPARE}`],
    ['phases/setup.yaml', `${line('phase', '../../../')}${SETUP}`],
    ['examples/acme.handoff.yaml', handoff],
    [`${name}.test.yaml`, `${line('runbook-test', '../../')}${story(today)}`],
  ])
}

const runbook = (name: string, title: string) => `\
# Check it with: onboard runbook lint ${name}; try it with: onboard runbook test ${name}
apiVersion: onboard/v1
runbook: ${name}
title: ${title}
version: 0.1.0
inputs:
  handoff: ../../schemas/handoff.schema.json      # yours, beside runbooks/, or the one that comes with onboard
roles: [engineering, customer]                    # who they are stands in onboard.config.yaml
phases: [prepare, setup]                          # each in phases/<id>.yaml
`

const PREPARE = `apiVersion: onboard/v1
phase: prepare
title: Preparation
owner: [engineering]
duration: { min: 1d, max: 3d }                    # business days
steps:
  - id: users_sold
    title: There is somebody to onboard
    uses: assert                                  # a check over inputs: onboard action show assert
    with:
      that: \${{ handoff.commercial.users > 0 }}
      message: The handoff sells no users.

  - id: agreed
    title: The customer agrees to begin
    uses: confirm                                 # a person's word, bound to what it was given on
    with:
      text: "Does \${{ handoff.company.name }} agree to begin on \${{ handoff.dates.contract_start }}?"
      from: [customer]
    binds: [handoff.company.name, handoff.dates.contract_start]
`

const SETUP = `apiVersion: onboard/v1
phase: setup
title: Setup
owner: [engineering]
needs: [prepare]
duration: { min: 1d, max: 5d }
steps:
  - id: tenant
    title: Create the tenant
    uses: tenant.record
    with:
      slug: \${{ onboarding.tenant_slug }}
      name: \${{ handoff.company.name }}
      plan: \${{ handoff.commercial.plan }}

  - id: limits
    title: Set the limits of a large customer
    uses: tenant.settings
    when: handoff.commercial.users > 500          # CEL; without it a step always applies
    with:
      tenant: \${{ steps.tenant.outputs.slug }}
      limits:
        users: \${{ handoff.commercial.users }}
`

const story = (today: string) => `apiVersion: onboard/v1
tests:
  - test: Nothing is set up before the customer agrees, and everything afterwards
    clock: ${today}
    handoff: examples/acme.handoff.yaml
    expect:
      outcomes: { prepare.users_sold: changed, setup.tenant: blocked }
      waiting: { prepare.agreed: [customer] }
    then:
      - answers: { prepare.agreed: customer }
        expect:
          changes:
            setup.tenant: { slug: acme, plan: enterprise }
            setup.limits: { limits: { users: 1000 } }
          waiting: {}
          exit: 0
  - test: A small customer has no limits of its own
    clock: ${today}
    handoff: examples/acme.handoff.yaml
    but: { commercial: { users: 10 } }            # what is other than in that handoff
    answers: { prepare.agreed: customer }
    expect:
      outcomes: { setup.limits: skipped }
`
