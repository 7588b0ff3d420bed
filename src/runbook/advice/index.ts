import { actionUnseen } from './action-unseen.ts'
import type { Advice } from './advice.ts'
import { capabilityMissing } from './capability-missing.ts'
import { decisionGap } from './decision-gap.ts'
import { decisionOverlap } from './decision-overlap.ts'
import { decisionUnreachable } from './decision-unreachable.ts'
import { durationOrder } from './duration-order.ts'
import { irreversibleAfterLive } from './irreversible-after-live.ts'
import { milestoneEarly } from './milestone-early.ts'
import { milestoneOrder } from './milestone-order.ts'
import { ownerPerson } from './owner-person.ts'
import { placeholder } from './placeholder.ts'
import { plainSecret } from './plain-secret.ts'
import { retryPointless } from './retry-pointless.ts'
import { startsOrder } from './starts-order.ts'
import { templateVariable } from './template-variable.ts'
import { thresholdMissing } from './threshold-missing.ts'
import { thresholdNumber } from './threshold-number.ts'
import { thresholdOrder } from './threshold-order.ts'
import { thresholdWindow } from './threshold-window.ts'
import { timeShort } from './time-short.ts'
import { undoNowhere } from './undo-nowhere.ts'
import { whenAlways } from './when-always.ts'
import { whenNever } from './when-never.ts'
import { wordBindsNothing } from './word-binds-nothing.ts'

/** Rules whose level the config may change (lint.rules). A new one is one file, and one line here. */
export const ADVICE: readonly Advice[] = [
  whenNever, whenAlways, decisionGap, decisionUnreachable, decisionOverlap, ownerPerson, capabilityMissing,
  thresholdNumber, thresholdOrder, thresholdWindow, thresholdMissing, timeShort, milestoneOrder, milestoneEarly,
  startsOrder, irreversibleAfterLive, plainSecret, placeholder, templateVariable, wordBindsNothing, retryPointless,
  actionUnseen, durationOrder, undoNowhere,
]
