import type { Work } from '../engine/ports.ts'
import { ISSUES_OF } from '../journal/issues.ts'
import type { Config } from '../onboarding/config.ts'
import type { Issue } from '../onboarding/issue-store.ts'
import { shownIssue, type ShownIssue } from '../onboarding/issues.ts'

/** Issues of an onboarding that are open, the worst first, with whom each is. */
export async function openIssuesOf(
  work: Work, { escalation: levels, roles }: Pick<Config, 'escalation' | 'roles'>,
): Promise<readonly ShownIssue[]> {
  return work.reading(async (read, { now }) => {
    const issues = await read('').many<Issue>(ISSUES_OF, [work.onboarding.id])
    return issues.filter(({ status }) => status === 'open').map((one) => shownIssue(one, now, { levels, roles }))
      .toSorted((a, b) => (a.severity < b.severity ? -1 : a.severity > b.severity ? 1 : a.number - b.number))
  })
}
