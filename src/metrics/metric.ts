/** What a metric is: where it is read, what was read, and what is said of it. */

/** Where a metric is read, as the config has it: `kind`, and exactly one source. */
export interface Metric {
  readonly kind: Kind
  /** One SELECT; $1 tenant, $2 and $3 beginning and end of the window. */
  readonly sql?: string
  readonly prometheus?: {
    readonly url: string
    readonly token_env?: string
    readonly queries: Readonly<Record<string, string>>
  }
  readonly csv?: CsvSource
}

export type Kind = 'share' | 'quantile' | 'count' | 'events' | 'groups'

export interface CsvSource {
  readonly file: string
  readonly time: string
  readonly time_zone: string
  readonly delimiter?: string
  readonly tenant?: string
  readonly value?: string
  readonly part?: { readonly column: string; readonly is: readonly string[] }
  readonly severity?: string
  readonly category?: string
}

/** From when to when, ISO 8601 instants; the end is not in it. */
export interface Window {
  readonly from: string
  readonly to: string
}

/** One support ticket, or what else is counted by the day. */
export interface Event {
  /** ISO 8601 instant. */
  readonly at: string
  readonly severity: string | null
  readonly category: string | null
}

/** What a source gave. */
export type Reading =
  | { readonly kind: 'share'; readonly part: number; readonly total: number }
  | { readonly kind: 'quantile'; readonly value: number; readonly samples: number; readonly within: number | null }
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'events'; readonly events: readonly Event[] }
  | { readonly kind: 'groups'; readonly groups: readonly { readonly signature: string; readonly count: number }[] }
  /** It answered, and had nothing: not the same as nought. */
  | { readonly kind: 'none' }

/**
 * ok: on target. alert: past the alert line. warn: between. few: too little was observed to say. unmeasured: the source
 * is not named, or gave no answer.
 */
export type State = 'ok' | 'warn' | 'alert' | 'few' | 'unmeasured'

/** What is said of one metric over one window. */
export interface Judgement {
  readonly id: string
  readonly title: string
  readonly state: State
  /** As a person reads it: `97.3 % of 812`. */
  readonly shown: string
  /** Why it is so, or what is shown besides. */
  readonly notes: readonly string[]
}
