/** What the rules find without which a runbook could not run; their level is fixed. */
export interface RuleText {
  readonly name: string
  readonly finds: string
  readonly instead: string
}

const TEXTS: readonly (readonly [name: string, finds: string, instead: string])[] = [
  ['syntax', 'A file that is not YAML (or JSON).', 'Correct it at the place that is shown.'],
  ['yaml-trap', 'A value that YAML 1.2 reads otherwise than it was meant: no, on, 012, a value that begins with !.', 'Write true or false, or put the text in quotes.'],
  ['duplicate-key', 'A key that is there twice in one mapping.', 'YAML would keep one of them. Take one out.'],
  ['unsafe-character', 'A control character, or one that changes the direction of the text.', 'Take it out: what is shown would not be what is there.'],
  ['tag', 'A YAML tag, such as the ! before a word.', 'Put the text in quotes: an expression that begins with ! needs them.'],
  ['alias', 'An alias of YAML that leads nowhere, into itself, or to too much.', 'Write the value out.'],
  ['documents', 'A file of several YAML documents.', 'Give each a file of its own.'],
  ['empty', 'A file without anything in it.', 'Write it, or take it away.'],
  ['duplicate', 'An item that is twice in a list whose items differ.', 'Take one out.'],
  ['encoding', 'A file that is not UTF-8.', 'Save it as UTF-8.'],
  ['size', 'A file that is too large to be meant.', 'Is it the right file? Divide it where it is.'],
  ['depth', 'Values that nest too deep.', 'Make it flatter.'],
  ['unknown-key', 'A key that the format does not know.', 'Correct it to the nearest one that is shown, or take it out.'],
  ['missing', 'A key that must be there.', 'Add it.'],
  ['type', 'A value of another type than the format asks for.', 'Write a value of that type.'],
  ['choice', 'A value that is not among those allowed.', 'Choose one of those listed.'],
  ['format', 'A text that does not have the form it must have: an id, a version, a length of time.', 'Write it in the form that is named.'],
  ['range', 'A number outside of its range.', 'Choose one within it.'],
  ['length', 'A text or list that is too short or too long.', 'Give it the length that is named.'],
  ['missing-file', 'A phase, schema or runbook.yaml that is named and not there.', 'Create the file, or correct the name.'],
  ['unlisted-phase', 'A file under phases/ that runbook.yaml does not list.', 'It would never run. List it under phases or procedures, or take it away.'],
  ['phase-name', 'A phase whose name is not that of its file.', 'Give both the same name.'],
  ['duplicate-id', 'Two steps of a phase, phases or milestones with one name.', 'Rename one of them: the journal and expressions know them by name.'],
  ['unknown-role', 'A role that runbook.yaml does not list.', 'Correct it, or add it to roles.'],
  ['no-owner', 'A step that nobody owns.', 'Give it, or its phase, an owner.'],
  ['unknown-need', 'Something to come first that is not there.', 'Correct the name under needs or starts.after.'],
  ['cycle', 'Steps or phases that wait for one another.', 'None of them could begin. Take one of the needs away.'],
  ['unknown-action', 'A uses: that names no action.', 'Correct it; onboard action list shows those there are.'],
  ['milestone-step', 'A milestone that holds a step which is not there, or one of a procedure.', 'Write it as phase.step, of a phase that everybody goes through.'],
  ['occasion', 'An on: in a phase that does not say when it begins, beside for_each, or twice on one day.', 'Give the phase starts: { at: … }; a step repeats either by days or by a list.'],
  ['procedure', 'What belongs into a procedure and stands elsewhere, or a place to go back to that is not there.', 'Conditions and onboarding.undo stand in a phase listed under procedures; to: names a phase or phase.step.'],
  ['template-data', 'A document.render whose template is not there or not in its form, or whose data lacks a name or has one too many.', 'onboard document template NAME says what it needs.'],
  ['owned-twice', 'Two steps that bring one and the same thing to a state of their own.', 'Each run would undo the other. Let one step own it.'],
  ['expression-syntax', 'An expression that cannot be read.', 'Correct it at the place that is shown. Conditions are joined with &&, || and !.'],
  ['expression-type', 'An expression of which parts do not go together, or whose value does not fit where it stands.', 'Convert it, or read another field.'],
  ['unknown-name', 'A name that expressions do not know.', 'They read handoff, discovery, config, onboarding, steps, phases, each where a step repeats, and procedure in a procedure.'],
  ['unknown-field', 'A field that the schema does not have.', 'Correct it to the nearest one that is shown.'],
  ['unknown-function', 'A function that is not offered.', 'onboard runbook functions lists them; instead of matches() write glob().'],
  ['enum-value', 'A text compared with an enum that never has this value.', 'Write one of its values.'],
  ['optional-field', 'A field that may be absent, read as if it were there.', 'Ask has(…) first, or read it with .? and orValue(…).'],
  ['may-be-null', 'A value that may be null, used as if it were not.', 'Ask x != null first, or read on with .? instead.'],
  ['may-be-skipped', 'The outputs of a step that may be skipped or waived, used as if they were there.', 'Ask steps.x.outputs != null first, read with .?, or give both steps the same when.'],
  ['step-reference', 'A step whose outputs cannot be read here: it is not there, or does not come before.', 'Add it to needs, or read phases.<phase>.steps.<id>.outputs of an earlier phase.'],
  ['input-missing', 'An input that the action needs.', 'Add it under with; onboard action show describes the inputs.'],
  ['input-unknown', 'An input that the action does not take.', 'Correct it to the nearest one that is shown.'],
  ['input-type', 'An input of another type than the action takes.', 'Write a value of that type.'],
  ['input-value', 'An input outside of what the action takes.', 'Choose a value that it takes.'],
]

export const DOCUMENTED: readonly RuleText[] = TEXTS.map(([name, finds, instead]) => ({ name, finds, instead }))
