/** Whether an identity provider's clock and ours agree: by what its server says of the time. */
import { OnboardError } from '../../errors.ts'
import type { Fetch } from '../../identity/http.ts'

/** So far apart, each of its answers would be too old or not valid yet: more than any connection allows for. */
const MOST_S = 300

/** Asks as `fetch` does, and notes what time the servers say it is (RFC 9110 §6.6.1). */
export function watchingClock(fetch: Fetch): { readonly fetch: Fetch; mustAgree(now: string): void } {
  let said: { readonly host: string; readonly at: number } | undefined
  return {
    async fetch(asked) {
      const answer = await fetch(asked)
      const at = Date.parse(answer.headers['date'] ?? '')
      if (!Number.isNaN(at)) said = { host: new URL(answer.url).host, at }
      return answer
    },
    /** @param now of the database's clock, ISO 8601 */
    mustAgree(now) {
      const apart = said === undefined ? 0 : Math.round((said.at - Date.parse(now)) / 1000)
      if (said === undefined || Math.abs(apart) <= MOST_S) return
      const stands = `${Math.abs(apart)} s ${apart > 0 ? 'ahead of' : 'behind'} the database's (${now})`
      const message = `The clock of ${said.host} is ${stands}: each of its answers would be refused as too old `
        + 'or not valid yet. Have the one that is wrong set by NTP.'
      throw new OnboardError('verification', 'clock-skew', message, { suggestions: ['onboard doctor'] })
    },
  }
}
