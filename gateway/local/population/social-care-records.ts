/** What social workers write into a child's file: one function per step of the chain from contact to plan. */
import { at } from './calendar.ts'
import { enter, type SocialCareFile } from './social-care-file.ts'

type Labels = { readonly labels?: readonly string[] }

export const involve = (
  file: SocialCareFile,
  entry: Labels & {
    worker: string
    role: string
    team: string
    from: string
    until?: string
    phone?: string
  },
) =>
  enter(
    file,
    'involvement',
    'INV',
    entry.from,
    {
      team: entry.team,
      worker_role: entry.role,
      worker_name: entry.worker,
      phone: entry.phone ?? '01632 960101',
      email: 'front.door@northshire-council.example',
      start_date: entry.from,
      end_date: entry.until ?? null,
    },
    entry.labels,
  )

export const takeContact = (
  file: SocialCareFile,
  entry: Labels & {
    on: string
    stage: 'Contact' | 'Early Help' | 'Referral'
    source: string
    need: string
    outcome: string
    referrer?: string
    notes: string
    nature?: 'fact' | 'opinion' | 'allegation'
  },
) =>
  enter(
    file,
    'contact',
    'CON',
    entry.on,
    {
      contact_date: entry.on,
      recorded_on: at(entry.on, '16:45'),
      stage: entry.stage,
      source_code: entry.source,
      primary_need: entry.need,
      outcome: entry.outcome,
      referrer_name: entry.referrer ?? null,
      notes: entry.notes,
      info_type: entry.nature ?? 'allegation',
    },
    entry.labels,
  )

export const assess = (
  file: SocialCareFile,
  entry: Labels & {
    from: string
    until: string | null
    factors: readonly string[]
    lead: string
    role: 'FHLP' | 'LCPP'
    analysis: string
  },
) =>
  enter(
    file,
    'assessment',
    'ASM',
    entry.until ?? entry.from,
    {
      start_date: entry.from,
      completed_date: entry.until,
      factor_codes: entry.factors,
      lead_name: entry.lead,
      lead_role: entry.role,
      analysis: entry.analysis,
      manager_oversight: 'not shared',
    },
    entry.labels,
  )

export const plan = (
  file: SocialCareFile,
  entry: { from: string; until?: string; lead: string; role: 'FHLP' | 'LCPP'; goals: readonly string[] },
) =>
  enter(file, 'single_plan', 'PLN', entry.from, {
    start_date: entry.from,
    end_date: entry.until ?? null,
    lead_name: entry.lead,
    lead_role: entry.role,
    lead_phone: '01632 960104',
    goals: entry.goals,
  })

export const discussStrategy = (
  file: SocialCareFile,
  entry: Labels & {
    on: string
    chair: string
    agencies: readonly string[]
    decision: string
    reasons: string
  },
) =>
  enter(
    file,
    'strategy_discussion',
    'STR',
    entry.on,
    {
      held_on: entry.on,
      chair: entry.chair,
      agencies: entry.agencies,
      decision: entry.decision,
      reasons: entry.reasons,
    },
    entry.labels,
  )

export const enquire = (
  file: SocialCareFile,
  entry: Labels & { from: string; until?: string; outcome?: string; lead: string; findings?: string },
) =>
  enter(
    file,
    'section_47',
    'S47',
    entry.until ?? entry.from,
    {
      start_date: entry.from,
      end_date: entry.until ?? null,
      outcome: entry.outcome ?? null,
      lead_name: entry.lead,
      findings: entry.findings ?? null,
    },
    entry.labels,
  )

export const confer = (
  file: SocialCareFile,
  entry: { on: string; type: 'Initial' | 'Review'; outcome: string; chair: string },
) =>
  enter(file, 'conference', 'CNF', entry.on, {
    held_on: entry.on,
    conference_type: entry.type,
    outcome: entry.outcome,
    chair: entry.chair,
  })

export const protect = (
  file: SocialCareFile,
  entry: { from: string; until?: string; category: string; lead: string; summary: string },
) =>
  enter(file, 'cp_plan', 'CPP', entry.from, {
    start_date: entry.from,
    end_date: entry.until ?? null,
    category: entry.category,
    lead_name: entry.lead,
    lead_phone: '01632 960104',
    summary: entry.summary,
  })

export const supportInNeed = (
  file: SocialCareFile,
  entry: { from: string; until?: string; lead: string; summary: string; agreedOn: string | null },
) =>
  enter(file, 'cin_plan', 'CIN', entry.from, {
    start_date: entry.from,
    end_date: entry.until ?? null,
    lead_name: entry.lead,
    summary: entry.summary,
    family_agreed_on: entry.agreedOn,
  })

export const lookAfter = (
  file: SocialCareFile,
  entry: Labels & { from: string; until?: string; status: string; reason: string; placement: string | null },
) =>
  enter(
    file,
    'care_episode',
    'LAC',
    entry.from,
    {
      start_date: entry.from,
      end_date: entry.until ?? null,
      legal_status: entry.status,
      reason_new_episode: entry.reason,
      placement: entry.placement,
    },
    entry.labels,
  )

export const offerFamilyGroup = (
  file: SocialCareFile,
  entry: { offered: string; held?: string; outcome?: string; plan?: string },
) =>
  enter(file, 'family_group', 'FGD', entry.held ?? entry.offered, {
    offered_on: entry.offered,
    held_on: entry.held ?? null,
    outcome: entry.outcome ?? null,
    family_plan: entry.plan ?? null,
  })

export const openPreProceedings = (
  file: SocialCareFile,
  entry: Labels & { opened: string; letter?: string; meeting?: string; court?: string; outcome?: string },
) =>
  enter(
    file,
    'pre_proceedings',
    'PRE',
    entry.opened,
    {
      opened_on: entry.opened,
      letter_sent_on: entry.letter ?? null,
      meeting_on: entry.meeting ?? null,
      fgdm_offered: true,
      court_date: entry.court ?? null,
      outcome: entry.outcome ?? null,
    },
    entry.labels,
  )
