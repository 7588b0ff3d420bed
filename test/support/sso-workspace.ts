import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { packageRoot } from '../../src/package.ts'
import { type OwnWorkspace, ownWorkspace } from './own-runbook.ts'
import { phaseFile, TENANT_RECORD } from './phase-file.ts'

const PEOPLE = `  engineering: [{ name: Eva Weber, email: eva@vendor.example }]
  engineering-lead: [{ name: Eli Brandt, email: eli@vendor.example }]
  cto: [{ name: Mira Lindqvist, email: mira@vendor.example }]
`

/**
 * A workspace whose runbook is the tenant, and the phase of single sign-on that is shipped.
 * @param now as ownWorkspace
 */
export async function ssoWorkspace(now: string | null): Promise<OwnWorkspace> {
  const sso = await readFile(join(packageRoot, 'runbooks/enterprise/phases/sso.yaml'), 'utf8')
  const provision = phaseFile('provision', ['owner: [engineering]'], [TENANT_RECORD])
  const roles = ['engineering', 'engineering-lead', 'cto', 'customer']
  return ownWorkspace({ roles, people: PEOPLE, phases: { provision, sso }, now })
}

/** Eva takes over `acme.yaml`, with a gateway at this origin that seals under this key, and makes the tenant. */
export async function takeOver(own: OwnWorkspace, origin: string, key: Uint8Array): Promise<void> {
  await own.write('onboard.config.yaml', `apiVersion: onboard/v1
vendor: { name: V, app_url: "${origin}" }
capabilities: { sso: true }
network: { allow: [127.0.0.1] }
mail: { from: V <onboarding@vendor.example>, folder: outbox }
roles:
${PEOPLE}`)
  Object.assign(own.env, {
    ONBOARD_SEALING_KEY: Buffer.from(key).toString('base64'), ONBOARD_ACTOR: 'Eva Weber <eva@vendor.example>',
  })
  const accept = 'handoff accept --file acme.yaml --runbook ours --accepted-by eva@vendor.example'
  for (const line of ['trust --yes', accept, 'apply acme --phase provision']) {
    expect(await own.run(line), line).toMatchObject({ exit: 0 })
  }
}
