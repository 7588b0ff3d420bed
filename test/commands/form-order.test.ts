import { afterAll, beforeAll, expect, test } from 'vitest'
import { ownWorkspace, type OwnWorkspace } from '../support/own-runbook.ts'

let at: OwnWorkspace
const FIELDS = ['workflows', 'zip', 'a', 'remarks', 'b']
beforeAll(async () => {
  at = await ownWorkspace({ roles: ['engineering'], people: '  engineering: [{ name: Eva, email: eva@vendor.example }]\n', phases: { one: `apiVersion: onboard/v1
phase: one
title: One
owner: [engineering]
steps:
  - id: asked
    title: Asked
    uses: form
    with:
      text: How was it?
      fields: { ${FIELDS.map((name) => `${name}: { title: ${name} }`).join(', ').replaceAll(' }', ', type: text }').replace('remarks, type: text', 'remarks, type: lines, required: false')} }
` } })
  expect(await at.run('handoff accept --file acme.yaml --runbook ours')).toMatchObject({ exit: 0 })
})
afterAll(() => at.remove())

const IN_ORDER = '--set workflows=VALUE --set zip=VALUE --set a=VALUE --set b=VALUE'

test.each(['status acme', 'tasks', 'apply acme', 'plan acme', 'status acme --json'])('the fields of a form stand in its order: %s', async (line) => {
  expect((await at.run(line)).stdout).toContain(`onboard sign acme one.asked ${IN_ORDER}`)
})

test('also in what is missing, and in the audit log', async () => {
  const missing = await at.run('sign acme asked --signer eva@vendor.example')
  expect(missing.stderr.match(/(\w+) is missing/g)).toEqual(['workflows', 'zip', 'a', 'b'].map((name) => `${name} is missing`))
  expect(await at.run("sign acme asked --signer eva@vendor.example --set b=4 --set 'remarks=two   parts' --set zip=2 --set workflows=1 --set a=3")).toMatchObject({ exit: 0 })
  expect(JSON.parse((await at.run('audit log acme --json')).stdout).entries.at(-1).summary).toBe('as engineering · workflows=1, zip=2, a=3, remarks=two parts, b=4')
  expect((await at.run('audit verify acme')).exit).toBe(0)
})
