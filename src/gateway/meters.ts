/** What the gateway counts, in the text format of Prometheus. */
export interface Seen {
  /** The pattern of the path, never the path: a series for each user would have no end. */
  readonly route: string
  readonly method: string
  readonly status: number
  readonly seconds: number
}

/** What became of an attempt to sign in. */
export interface LoginSeen {
  readonly method: 'password' | 'totp' | 'saml' | 'oidc'
  readonly result: 'accepted' | 'refused'
}

export interface Meters {
  saw(seen: Seen): void
  login(seen: LoginSeen): void
  text(): string
}

const DURATION = 'onboard_http_request_duration_seconds'
/** Upper bounds of the histogram's buckets, in seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

interface Series {
  readonly buckets: number[]
  count: number
  sum: number
}

export function createMeters(): Meters {
  const requests = new Map<string, number>()
  const durations = new Map<string, Series>()
  const logins = new Map<string, number>()
  return {
    login({ method, result }) {
      const labels = `method="${method}",result="${result}"`
      logins.set(labels, (logins.get(labels) ?? 0) + 1)
    },
    saw({ route, method, status, seconds }) {
      const where = `method="${method}",route="${route.replaceAll(/["\\\n]/g, '\\$&')}"`
      const labels = `${where},status="${status}"`
      requests.set(labels, (requests.get(labels) ?? 0) + 1)
      const series = durations.get(where) ?? { buckets: BUCKETS.map(() => 0), count: 0, sum: 0 }
      durations.set(where, series)
      BUCKETS.forEach((bound, at) => {
        if (seconds <= bound) series.buckets[at] = (series.buckets[at] ?? 0) + 1
      })
      series.count++
      series.sum += seconds
    },
    text: () => [
      '# HELP onboard_http_requests_total Requests answered.',
      '# TYPE onboard_http_requests_total counter',
      ...[...requests].map(([labels, count]) => `onboard_http_requests_total{${labels}} ${count}`),
      `# HELP ${DURATION} How long answers took.`,
      `# TYPE ${DURATION} histogram`,
      ...[...durations].flatMap(([labels, { buckets, count, sum }]) => [
        ...buckets.map((one, at) => `${DURATION}_bucket{${labels},le="${BUCKETS[at]}"} ${one}`),
        `${DURATION}_bucket{${labels},le="+Inf"} ${count}`,
        `${DURATION}_sum{${labels}} ${sum}`,
        `${DURATION}_count{${labels}} ${count}`,
      ]),
      '# HELP onboard_logins_total Attempts to sign in, by what became of them.',
      '# TYPE onboard_logins_total counter',
      ...[...logins].map(([labels, count]) => `onboard_logins_total{${labels}} ${count}`),
      '',
    ].join('\n'),
  }
}
