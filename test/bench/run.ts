/**
 * `npm run bench`: figures measured side by side in one run, as a table; `--json` gives them as JSON.
 * `--only step,many` runs some parts (step, rerun, process, lint, documents, provisioning, runbook, many, gateway,
 * saml, scim), `--rounds N` changes how often each is measured, `--sizes 600,1000` how many onboardings there are in
 * `many`.
 */
import { parseArgs } from 'node:util'
import { benchDocuments } from './documents.ts'
import { benchGateway } from './gateway.ts'
import { benchLint } from './lint.ts'
import { benchMany } from './many.ts'
import { makePlace } from './place.ts'
import type { Place } from './place.ts'
import { benchProcess } from './process.ts'
import { benchProvisioning } from './provisioning.ts'
import { render } from './report.ts'
import type { Section } from './report.ts'
import { benchRerun } from './rerun.ts'
import { benchRunbook } from './runbook.ts'
import { benchSaml } from './saml.ts'
import { benchScim } from './scim.ts'
import { benchStep } from './step.ts'

interface Part {
  readonly rounds: number
  run(place: Place, rounds: number): Promise<Section>
}

const PARTS: Readonly<Record<string, Part>> = {
  step: { rounds: 15, run: benchStep },
  rerun: { rounds: 41, run: benchRerun },
  process: { rounds: 25, run: benchProcess },
  lint: { rounds: 9, run: benchLint },
  documents: { rounds: 101, run: benchDocuments },
  provisioning: { rounds: 9, run: benchProvisioning },
  runbook: { rounds: 3, run: benchRunbook },
  many: { rounds: 1, run: (place, rounds) => benchMany(place, rounds, values.sizes?.split(',').map(Number)) },
  gateway: { rounds: 15, run: benchGateway },
  saml: { rounds: 15, run: benchSaml },
  // Thousands of users.
  scim: { rounds: 100, run: benchScim },
}

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' }, only: { type: 'string' }, rounds: { type: 'string' }, sizes: { type: 'string' },
  },
})
const wanted = values.only?.split(',') ?? Object.keys(PARTS)
const unknown = wanted.filter((name) => !Object.hasOwn(PARTS, name))
if (unknown.length > 0) {
  throw new Error(`no such part: ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}`)
}

const place = await makePlace()
const sections: Section[] = []
try {
  for (const name of wanted) {
    const part = PARTS[name] as (typeof PARTS)[string]
    process.stderr.write(`measuring: ${name}\n`)
    sections.push(await part.run(place, Number(values.rounds ?? part.rounds)))
    if (!values.json) process.stdout.write(`${render(sections.slice(-1))}\n\n`)
  }
} finally {
  await place.close()
}
if (values.json) {
  const platform = `${process.platform}-${process.arch}`
  process.stdout.write(`${JSON.stringify({ node: process.version, platform, sections }, null, 2)}\n`)
}
