import * as Flags from '@oclif/core/flags'
import type { SignResult } from '../src/onboarding/sign.ts'
import { customer, step } from '../src/cli/args.ts'
import { OnboardCommand, type Done } from '../src/cli/base.ts'
import { retyped } from '../src/cli/invocation.ts'
import type { Output } from '../src/cli/output.ts'
import { bold, dim, green } from '../src/cli/style.ts'

/** A person's word on a step that waits for it. */
export default class Sign extends OnboardCommand<typeof Sign, SignResult> {
  static override result = 'sign'
  static override summary = "Record a person's word on a step that waits for it, with evidence."
  static override examples = [
    'onboard sign acme contract.contract_signed --signer lea@vendor.example --evidence contract.pdf',
    'onboard sign acme sso.passwords --on-behalf-of technical --set passwords=stay --set emergency=tom@acme.example',
    'onboard sign acme provision.first_login --on-behalf-of technical --note "by phone, 3 March"',
  ]
  static override args = { customer, step }
  static override flags = {
    signer: Flags.string({
      description: 'Who signs: a mail address of the roles in onboard.config.yaml; you, where it is left out.',
      helpValue: 'MAIL', exclusive: ['on-behalf-of'],
    }),
    'on-behalf-of': Flags.string({
      description: "Who signs for the customer: a contact of the handoff, by name there (primary) or mail address.",
      helpValue: 'CONTACT',
    }),
    evidence: Flags.string({
      description: 'A file that proves it; may be given several times.', helpValue: 'FILE', multiple: true,
      multipleNonGreedy: true,
    }),
    set: Flags.string({
      description: 'Fills in a field of a form; may be given several times.', helpValue: 'NAME=VALUE', multiple: true,
      multipleNonGreedy: true,
    }),
    answers: Flags.string({
      description: 'A YAML or JSON file with the fields of a form; --set comes before it.', helpValue: 'FILE',
    }),
    note: Flags.string({ description: 'A remark that is kept with it.', helpValue: 'TEXT' }),
  }

  override async perform(): Promise<Done<SignResult>> {
    const { args, flags, context } = this
    const { EVIDENCE_MAX_BYTES, readRegularFile } = await import('../src/adapters/files.ts')
    const evidence = []
    for (const file of flags.evidence ?? []) {
      evidence.push(await readRegularFile(context.path(file), file, EVIDENCE_MAX_BYTES))
    }
    const { answersOf } = await import('../src/cli/answers.ts')
    const values = await answersOf(context, flags.answers, flags.set)
    const work = await context.work(args.customer)
    const { signerOf } = await import('../src/cli/signer.ts')
    const { person, roles } = signerOf({
      signer: flags.signer, contact: flags['on-behalf-of'], actor: work.actor, config: await context.config(),
      handoff: work.inputs.handoff, customer: work.onboarding.key, retype: retyped(this, 'signer', 'on-behalf-of'),
    })
    const { sign } = await import('../src/onboarding/sign.ts')
    const result = await sign(work, {
      step: args.step, signer: person, roles, note: flags.note ?? null, evidence,
      ...(values === null ? {} : { values }),
    })
    return { result, next: [`onboard apply ${result.onboarding}`] }
  }

  override view({ key, outcome, signer, role, binds }: SignResult, out: Output): void {
    const name = `${key.phase}.${key.step}${key.instance === '' ? '' : `/${key.instance}`}`
    out.line(
      outcome === 'signed' ? green('✓') : dim('='), ' ', bold(name),
      outcome === 'signed' ? ' signed by ' : ' was signed already by ', `${signer.name} <${signer.email}>`,
      dim(` as ${role}`),
    )
    out.line('  ', dim(`bound to ${binds.slice(0, 12)}: void when what it was given on changes`))
  }
}
