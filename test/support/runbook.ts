import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A runbook of one phase, `one`, in a workspace; `steps` as its file has them. */
export async function writeRunbook(dir: string, name: string, steps: string): Promise<void> {
  const place = join(dir, 'runbooks', name)
  await mkdir(join(place, 'phases'), { recursive: true })
  await writeFile(join(place, 'runbook.yaml'), `apiVersion: onboard/v1
runbook: ${name}
title: ${name}
version: 1.0.0
inputs: { handoff: ../../schemas/handoff.schema.json }
roles: [legal, engineering, customer]
phases: [one]
`)
  const head = 'apiVersion: onboard/v1\nphase: one\ntitle: One\nowner: [engineering]\n'
  await writeFile(join(place, 'phases/one.yaml'), `${head}steps:\n${steps}`)
}
