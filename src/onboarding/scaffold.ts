import { exampleConfig, type ConfigWishes } from './example-config.ts'
import { exampleDates, exampleHandoff } from './example-handoff.ts'

/** Schemas go where editors find them and onboard does not look: no copy takes the place of a newer shipped one. */
const SCHEMAS = '.onboard/schemas'

interface Wishes extends ConfigWishes {
  /** The example's dates are computed from it, `YYYY-MM-DD`. */
  readonly today: string
  /** The shipped ones by name, as text. */
  readonly schemas: ReadonlyMap<string, string>
}

/** What a new workspace holds: paths relative to it → texts. */
export function scaffold({ today, schemas, ...wishes }: Wishes): ReadonlyMap<string, string> {
  const at = (name: string) => `${SCHEMAS}/${name}.schema.json`
  const editor = {
    'yaml.schemas': {
      [`./${at('config')}`]: ['onboard.config.yaml'],
      [`./${at('handoff')}`]: ['*.handoff.yaml'],
      [`./${at('discovery')}`]: ['*.discovery.yaml'],
      [`./${at('runbook')}`]: ['runbooks/*/runbook.yaml'],
      [`./${at('phase')}`]: ['runbooks/*/phases/*.yaml'],
      [`./${at('runbook-test')}`]: ['runbooks/*/*.test.yaml'],
    },
  }
  return new Map([
    ['onboard.config.yaml', exampleConfig(at('config'), wishes)],
    ['acme.handoff.yaml', exampleHandoff(exampleDates(today), at('handoff'))],
    ['.vscode/settings.json', `${JSON.stringify(editor, null, 2)}\n`],
    ...[...schemas].map(([name, text]): [string, string] => [at(name), text]),
  ])
}
