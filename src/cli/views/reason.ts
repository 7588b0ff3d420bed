/**
 * A step's reason as short as it can be said beside it: `needs contract.a, contract.b` is `needs contract` in another
 * phase, and steps of its own phase lose the phase's name.
 */
export function briefly(reason: string | null, phase: string): string | null {
  const [, verb, names] = /^(needs|after) (.+)$/.exec(reason ?? '') ?? []
  if (verb === undefined || names === undefined) return reason
  const short = names.split(', ').map((name) => {
    const [inPhase = '', ...step] = name.split('.')
    return inPhase === phase ? step.join('.') : inPhase
  })
  return `${verb} ${[...new Set(short)].join(', ')}`
}
