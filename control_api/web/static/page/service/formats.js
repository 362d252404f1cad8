// Made by `python -m tools.frontend` from the Python types; what is changed here is lost.

/** A machine's update on the live connection is an array; these are its fields, in their order. */
export const LIVE_FIELDS = /** @type {const} */ (["device_id", "at", "state", "temperature", "pressure", "current", "power_watts", "risk", "prediction", "recommendations", "factors", "recommendation_codes", "contributions", "silent", "likeness"]);

/** From the array to an object. @param {readonly unknown[]} update @returns {LiveDevice} */
export const unpacked = (update) => /** @type {LiveDevice} */ (Object.fromEntries(
  LIVE_FIELDS.map((field, index) => [field, update[index]])));

/** The code of the recommendation that a schedule answers. */
export const IDLE_ADVICE = "scheduled_shutdown";

/**
 * @typedef {object} LiveDevice
 * @property {string} device_id
 * @property {number | null} at
 * @property {"running" | "idle" | "stopped" | "failed" | "maintenance" | null} state
 * @property {number | null} temperature
 * @property {number | null} pressure
 * @property {number | null} current
 * @property {number | null} power_watts
 * @property {number | null} risk
 * @property {number | null} prediction
 * @property {Array<string>} recommendations
 * @property {Array<string>} factors
 * @property {Array<string>} recommendation_codes
 * @property {Array<number>} contributions
 * @property {boolean} silent
 * @property {string} likeness
 */

/**
 * @typedef {object} Factor
 * @property {string} feature
 * @property {number} contribution
 * @property {string} text
 */

/**
 * @typedef {object} LikelyMode
 * @property {string} mode
 * @property {number} share
 */

/**
 * @typedef {object} LikelyComponent
 * @property {string} component
 * @property {number} share
 */

/**
 * @typedef {object} StopOption
 * @property {"now" | "break" | "shift_end" | "after_work" | "maintenance" | "part" | "run_on"} when
 * @property {number} expected_cost
 * @property {string | null} at
 */

/**
 * @typedef {object} RemainingLife
 * @property {number} at_least_hours
 * @property {number | null} at_most_hours
 */

/**
 * @typedef {object} Recommendation
 * @property {string} code
 * @property {string} text
 */

/**
 * @typedef {object} Lock
 * @property {string} lock_id
 * @property {string} device_id
 * @property {string} holder
 * @property {string} role
 * @property {string} address
 * @property {string} reason
 * @property {string} locked_at
 * @property {string | null} released_at
 * @property {string | null} released_by
 * @property {string | null} released_role
 * @property {string | null} release_reason
 */

/**
 * @typedef {object} Order
 * @property {string} command_id
 * @property {string} device_id
 * @property {"restart" | "shutdown"} action
 * @property {"requested" | "sent" | "done" | "refused" | "failed" | "expired"} status
 * @property {string} reason
 * @property {boolean} override
 * @property {string} requested_by
 * @property {string} role
 * @property {string} address
 * @property {string} requested_at
 * @property {string} expires_at
 * @property {string | null} sent_at
 * @property {string | null} answered_at
 * @property {string | null} closed_at
 * @property {"running" | "idle" | "stopped" | "failed" | "maintenance" | null} device_state
 * @property {string} detail
 * @property {string | null} batch_id
 * @property {string | null} undoes
 */

/**
 * @typedef {object} DeviceFacts
 * @property {string} device_id
 * @property {string | null} device_type
 * @property {string | null} line
 * @property {"running" | "idle" | "stopped" | "failed" | "maintenance" | null} state
 * @property {string | null} state_since
 * @property {boolean} silent
 * @property {number | null} clock_ahead_seconds
 * @property {string | null} clock
 * @property {string | null} meter
 * @property {MeterFacts | null} meter_facts
 * @property {boolean} in_shift
 * @property {string | null} last_reading_at
 * @property {number | null} temperature_celsius
 * @property {number | null} pressure_bar
 * @property {number | null} current_amperes
 * @property {number | null} power_watts
 * @property {number | null} energy_kwh
 * @property {number | null} failure_probability
 * @property {0 | 1 | null} prediction
 * @property {number | null} failure_cost
 * @property {string | null} model_version
 * @property {string | null} scored_at
 * @property {Array<Factor>} top_factors
 * @property {number | null} novelty
 * @property {string} likeness
 * @property {Array<LikelyMode>} likely_modes
 * @property {Array<LikelyComponent>} likely_components
 * @property {Array<StopOption>} stop_options
 * @property {RemainingLife | null} remaining_life
 * @property {Array<Recommendation>} recommendations
 * @property {Lock | null} lock
 * @property {Order | null} open_order
 */

/**
 * @typedef {object} KnownSeconds
 * @property {number} measured
 * @property {number} bridged
 * @property {number} estimated
 * @property {number} imported
 * @property {number} corrected
 * @property {number} unknown
 */

/**
 * @typedef {object} MeterFacts
 * @property {number | null} register_kwh
 * @property {boolean} in_whole_kwh
 * @property {boolean} on_change_only
 * @property {number | null} refresh_seconds
 * @property {"gap" | "no_register" | "register_missing" | "stands_still" | "unreadable" | "looks_like_wh" | "above_limit" | "runs_backwards" | "exchanged_lower" | "exchanged_higher" | "reset" | "rollover" | "former_returned" | "leap" | "blink" | "dip" | "spike" | "words_swapped" | "negative_current" | null} distrust
 * @property {string | null} distrust_text
 * @property {number | null} doubt_kwh
 * @property {KnownSeconds} known_seconds
 * @property {string | null} since
 */

/**
 * @typedef {object} Alarm
 * @property {string} alarm_id
 * @property {string} rule
 * @property {string | null} device_id
 * @property {string | null} line
 * @property {"critical" | "warning" | "info"} severity
 * @property {"active" | "acknowledged" | "snoozed" | "cleared"} state
 * @property {string} summary
 * @property {string} description
 * @property {Array<string>} factors
 * @property {Object<string, any>} links
 * @property {string} opened_at
 * @property {string} updated_at
 * @property {number} episode
 * @property {number} notifications
 * @property {Array<string>} senders
 * @property {string | null} cleared_at
 * @property {string} cleared_because
 * @property {string | null} acknowledged_at
 * @property {string | null} acknowledged_by
 * @property {string | null} snoozed_until
 * @property {string | null} assignee
 * @property {"true_alarm" | "false_alarm" | null} verdict
 * @property {string | null} finding
 * @property {string | null} judged_by
 * @property {string | null} judged_at
 * @property {number} version
 */

/**
 * @typedef {object} AlarmEntry
 * @property {string} entry_id
 * @property {string} alarm_id
 * @property {string} rule
 * @property {string | null} device_id
 * @property {number} episode
 * @property {string} at
 * @property {"opened" | "reopened" | "cleared" | "woke" | "acknowledged" | "snoozed" | "commented" | "assigned" | "judged"} deed
 * @property {string} by
 * @property {string} role
 * @property {string} address
 * @property {string} text
 * @property {"true_alarm" | "false_alarm" | null} verdict
 * @property {string | null} assignee
 * @property {string | null} until
 */

/**
 * @typedef {object} Case
 * @property {string} case_id
 * @property {string | null} device_id
 * @property {string | null} line
 * @property {"critical" | "warning" | "info"} severity
 * @property {"active" | "acknowledged" | "snoozed" | "cleared"} state
 * @property {string} summary
 * @property {Array<string>} factors
 * @property {string | null} warned_at
 * @property {string | null} warning
 * @property {string | null} failed_at
 * @property {string} opened_at
 * @property {string | null} cleared_at
 * @property {number} age_seconds
 * @property {string | null} assignee
 * @property {string | null} acknowledged_by
 * @property {"true_alarm" | "false_alarm" | null} verdict
 * @property {string | null} finding
 * @property {Array<Alarm>} alarms
 * @property {Array<Alarm>} earlier
 * @property {Array<AlarmEntry>} remarks
 */

/**
 * @typedef {object} Watch
 * @property {string} who
 * @property {Array<string>} lines
 * @property {string} until
 * @property {Array<string>} channels
 */

/**
 * @typedef {object} PagedPerson
 * @property {string} who
 * @property {string} at
 * @property {"waiting" | "sent" | "failed"} status
 * @property {string} problem
 */

/**
 * @typedef {object} Escalation
 * @property {string} case_id
 * @property {string | null} due_at
 * @property {Array<PagedPerson>} paged
 */

/**
 * @typedef {object} Duty
 * @property {boolean} configured
 * @property {Array<Watch>} on_duty
 * @property {Array<string>} escalate_to
 * @property {number | null} escalate_minutes
 * @property {Array<string>} unreachable
 * @property {Array<Escalation>} escalations
 */

/**
 * @typedef {object} RuleNoise
 * @property {string} rule
 * @property {number} alarms
 * @property {number} machines
 * @property {number} pages
 * @property {number} acknowledged
 * @property {number} unattended
 * @property {number} true_alarms
 * @property {number} false_alarms
 * @property {number | null} minutes_to_acknowledge
 * @property {string} sentence
 */

/**
 * @typedef {object} Noise
 * @property {string} since
 * @property {string} until
 * @property {Array<RuleNoise>} rules
 */

/**
 * @typedef {object} EnergyRow
 * @property {string} start
 * @property {string | null} name
 * @property {number | null} kwh
 * @property {number | null} cost
 * @property {number | null} idle_kwh
 * @property {number | null} idle_cost
 * @property {number} measured_kwh
 * @property {number} bridged_kwh
 * @property {number} estimated_kwh
 * @property {number} corrected_kwh
 * @property {number} suspect_kwh
 * @property {number} unpriced_kwh
 * @property {number | null} coverage
 * @property {number} measured_seconds
 * @property {number} bridged_seconds
 * @property {number} estimated_seconds
 * @property {number} corrected_seconds
 * @property {number} unknown_seconds
 * @property {string | null} since
 * @property {number | null} parts
 * @property {number | null} estimated_parts
 * @property {Array<"counter" | "events" | "file" | "current">} parts_from
 * @property {number | null} scrap
 * @property {number | null} kwh_per_part
 * @property {number | null} cost_per_part
 * @property {number} imported_kwh
 * @property {number} imported_seconds
 */

/**
 * @typedef {object} Suspect
 * @property {string} device_id
 * @property {string | null} line
 * @property {string} start
 * @property {string} end
 * @property {number} suspect_kwh
 * @property {number | null} counted_kwh
 * @property {string} unit
 * @property {boolean} is_meter
 * @property {Array<"gap" | "no_register" | "register_missing" | "stands_still" | "unreadable" | "looks_like_wh" | "above_limit" | "runs_backwards" | "exchanged_lower" | "exchanged_higher" | "reset" | "rollover" | "former_returned" | "leap" | "blink" | "dip" | "spike" | "words_swapped" | "negative_current">} reasons
 * @property {string} text
 */

/**
 * @typedef {object} PlantMeterRow
 * @property {string} start
 * @property {string} meter
 * @property {string} medium
 * @property {string} unit
 * @property {string | null} parent
 * @property {number | null} used
 * @property {number} coverage
 * @property {number | null} below
 * @property {number | null} rest
 * @property {number | null} compared_ratio
 * @property {number | null} base_load
 * @property {number | null} rest_base_load
 * @property {number | null} emissions_kg
 * @property {string | null} complaint
 */

/**
 * @typedef {object} ProductionRow
 * @property {string | null} date
 * @property {string | null} device_id
 * @property {string | null} device_type
 * @property {string | null} line
 * @property {number} machines
 * @property {number} machines_complete
 * @property {number | null} oee
 * @property {number | null} availability
 * @property {number | null} performance
 * @property {number | null} quality
 * @property {number | null} coverage
 * @property {number} planned_seconds
 * @property {number} unknown_seconds
 * @property {number} running_seconds
 * @property {number} estimated_seconds
 * @property {number | null} parts
 * @property {number | null} estimated_parts
 * @property {Array<"counter" | "events" | "file" | "current">} parts_from
 * @property {number | null} scrap
 * @property {number | null} cycle_seconds
 * @property {number} stops
 * @property {number} stop_seconds
 * @property {number} unexplained_stops
 * @property {number} micro_stops
 * @property {number} micro_stop_seconds
 */

/**
 * @typedef {object} Stop
 * @property {string} device_id
 * @property {string | null} device_type
 * @property {string | null} line
 * @property {string} start
 * @property {string} end
 * @property {number} seconds
 * @property {"running" | "idle" | "stopped" | "failed" | "maintenance"} state
 * @property {boolean} is_open
 * @property {string | null} reason
 * @property {string | null} reason_text
 * @property {boolean} is_planned
 * @property {string | null} given_by
 * @property {string} note
 */

/**
 * @typedef {object} StopReason
 * @property {string} code
 * @property {string} text
 * @property {boolean} planned
 */

/**
 * @typedef {object} Loss
 * @property {string | null} code
 * @property {string} text
 * @property {boolean} planned
 * @property {number} stops
 * @property {number} seconds
 * @property {number} share
 * @property {number} cumulative
 * @property {number | null} cost
 */

/**
 * @typedef {object} Stops
 * @property {Array<Stop>} stops
 * @property {number} found
 * @property {Array<StopReason>} reasons
 * @property {Array<Loss>} pareto
 * @property {number} micro_stops
 * @property {number} micro_stop_seconds
 * @property {string} currency
 */

/**
 * @typedef {object} Correction
 * @property {string} correction_id
 * @property {string} device_id
 * @property {string} start
 * @property {string} end
 * @property {"accept" | "reject" | "value" | "withdraw"} decision
 * @property {string} unit
 * @property {boolean} is_meter
 * @property {number | null} kwh
 * @property {number | null} before_kwh
 * @property {number | null} after_kwh
 * @property {string} reason
 * @property {string} decided_by
 * @property {string} role
 * @property {string} address
 * @property {string} decided_at
 */

/**
 * @typedef {object} BillLine
 * @property {"energy" | "standing_charge" | "demand" | "levy"} kind
 * @property {string} name
 * @property {number | null} quantity
 * @property {"kWh" | "kW" | "months" | "%"} unit
 * @property {number | null} price
 * @property {number | null} amount
 * @property {string} note
 */

/**
 * @typedef {object} Invoice
 * @property {string} contract
 * @property {Array<BillLine>} lines
 * @property {number} total
 * @property {boolean} is_complete
 */

/**
 * @typedef {object} Peak
 * @property {number} kw
 * @property {string} start
 */

/**
 * @typedef {object} Bill
 * @property {string} plant
 * @property {string} month
 * @property {string} currency
 * @property {string | null} until
 * @property {number} machines
 * @property {number | null} kwh
 * @property {number} estimated_kwh
 * @property {number} corrected_kwh
 * @property {number} suspect_kwh
 * @property {number | null} known_ratio
 * @property {Peak | null} peak
 * @property {Invoice} invoice
 * @property {Array<Invoice>} others
 */

/**
 * @typedef {object} Baseline
 * @property {string} baseline_id
 * @property {number} version
 * @property {string} name
 * @property {string | null} device_id
 * @property {string | null} line
 * @property {string | null} device_type
 * @property {"all" | "off_shift"} hours
 * @property {string} first
 * @property {string} last
 * @property {Array<string>} offered
 * @property {number} days
 * @property {"good" | "weak" | "not valid"} grade
 * @property {Array<BaselineCheck>} checks
 * @property {number} intercept
 * @property {Array<BaselineTerm>} terms
 * @property {Array<BaselineRejected>} rejected
 * @property {number} mean_kwh
 * @property {number} r_squared
 * @property {number} cv_rmse
 * @property {number} durbin_watson
 * @property {number} lag1
 * @property {number} effective_days
 * @property {Array<BaselineExclusion>} exclusions
 * @property {Array<BaselineAdjustment>} adjustments
 * @property {"active" | "retired"} state
 * @property {string | null} approved_by
 * @property {string | null} approved_at
 * @property {string} note
 * @property {string} made_by
 * @property {string} made_at
 */

/**
 * @typedef {object} BaselineTerm
 * @property {string} variable
 * @property {number} coefficient
 * @property {number} standard_error
 * @property {number} t
 * @property {number} p_value
 * @property {number} inflation
 * @property {number} lowest
 * @property {number} highest
 */

/**
 * @typedef {object} BaselineRejected
 * @property {string} variable
 * @property {"constant" | "says the same as others" | "does not matter"} why
 * @property {number | null} p_value
 */

/**
 * @typedef {object} BaselineCheck
 * @property {string} name
 * @property {boolean} passed
 * @property {boolean} must
 * @property {number | null} value
 * @property {string} text
 */

/**
 * @typedef {object} BaselineExclusion
 * @property {string} first
 * @property {string} last
 * @property {string} note
 */

/**
 * @typedef {object} BaselineAdjustment
 * @property {string} first
 * @property {string | null} last
 * @property {number} kwh_per_day
 * @property {string} note
 */

/**
 * @typedef {object} BaselineCourse
 * @property {string} baseline_id
 * @property {number} version
 * @property {string} currency
 * @property {Array<BaselinePoint>} points
 * @property {Object<string, any>} skipped
 * @property {Performance} performance
 * @property {Saving} saving
 */

/**
 * @typedef {object} BaselinePoint
 * @property {string} day
 * @property {number} actual_kwh
 * @property {number} expected_kwh
 * @property {number} cusum_kwh
 * @property {boolean} in_range
 */

/**
 * @typedef {object} Performance
 * @property {number} kwh
 * @property {number} expected_kwh
 * @property {number | null} ratio
 * @property {number | null} kwh_per_part
 * @property {number | null} kwh_per_hour
 */

/**
 * @typedef {object} Saving
 * @property {string | null} first
 * @property {string | null} last
 * @property {number} days
 * @property {number} kwh
 * @property {number | null} half_width_kwh
 * @property {number} confidence
 * @property {number} expected_kwh
 * @property {number} actual_kwh
 * @property {number} adjusted_kwh
 * @property {number | null} cost
 * @property {number | null} half_width_cost
 * @property {number | null} guideline_half_width_kwh
 * @property {number} days_out_of_range
 * @property {"A" | "B"} option
 * @property {string | null} why_not
 * @property {string} method
 */

/**
 * @typedef {object} Measure
 * @property {string} measure_id
 * @property {string} name
 * @property {string} text
 * @property {string | null} device_id
 * @property {string | null} recommendation
 * @property {string | null} schedule_id
 * @property {string | null} restart_schedule_id
 * @property {string | null} baseline_id
 * @property {string | null} baseline
 * @property {number | null} baseline_version
 * @property {string} start
 * @property {string | null} end
 * @property {"open" | "ended"} state
 * @property {number | null} expected_kwh_per_day
 * @property {number | null} expected_cost_per_day
 * @property {number | null} expected_kwh
 * @property {number | null} cost_of_doing
 * @property {boolean} is_proved
 * @property {Saving | null} saving
 * @property {number | null} kept_days
 * @property {Array<string>} broken
 * @property {boolean} is_broken
 * @property {string | null} undone
 * @property {Array<MeasureChange>} log
 */

/**
 * @typedef {object} MeasureChange
 * @property {string} at
 * @property {"opened" | "changed" | "ended"} deed
 * @property {string} by
 * @property {string} note
 */

/**
 * @typedef {object} OwnVariable
 * @property {string} name
 * @property {"ledger" | "calendar" | "readings" | "import" | "api"} source
 * @property {string} unit
 * @property {string} meaning
 */

/**
 * @typedef {object} KnownVariable
 * @property {string} name
 * @property {"ledger" | "calendar" | "readings" | "import" | "api"} source
 * @property {number} days
 * @property {string} first
 * @property {string} last
 * @property {string} by
 * @property {string} at
 */

/**
 * @typedef {object} DeferrableMachine
 * @property {string} device_id
 * @property {"idle" | "deferrable"} why
 * @property {number} saves_watts
 * @property {number | null} longest_minutes
 */

/**
 * @typedef {object} PeakProposal
 * @property {Array<DeferrableMachine>} machines
 * @property {number} saves_kw
 * @property {boolean} is_enough
 * @property {string | null} restart_by
 */

/**
 * @typedef {object} PeakNow
 * @property {boolean} known
 * @property {string} sentence
 * @property {string | null} start
 * @property {number | null} elapsed_seconds
 * @property {number | null} used_kwh
 * @property {number | null} power_kw
 * @property {number | null} forecast_kw
 * @property {number | null} low_kw
 * @property {number | null} high_kw
 * @property {number | null} past_error_kw
 * @property {number | null} limit_kw
 * @property {boolean | null} is_expected
 * @property {number | null} above_kw
 * @property {number | null} cost
 * @property {string} currency
 * @property {PeakProposal | null} proposal
 */

/**
 * @typedef {object} Quarter
 * @property {string} start
 * @property {number} kw
 * @property {number | null} limit_kw
 * @property {Array<string>} stopped
 * @property {number | null} forecast_before_kw
 * @property {number | null} avoided_kw
 * @property {number | null} avoided_cost
 */

/**
 * @typedef {object} ReportFigure
 * @property {string} name
 * @property {string} value
 * @property {string} note
 * @property {boolean} is_waste
 */

/**
 * @typedef {object} Report
 * @property {string} month
 * @property {"en" | "de" | "es" | "fr" | "pl"} language
 * @property {string} title
 * @property {string} name
 * @property {string} made
 * @property {Array<ReportFigure>} figures
 * @property {Array<string>} sentences
 * @property {number} pages
 * @property {boolean} is_known
 */

/**
 * @typedef {object} Schedule
 * @property {string} schedule_id
 * @property {string} name
 * @property {"restart" | "shutdown"} action
 * @property {"active" | "paused" | "deleted"} state
 * @property {Array<"mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun" | "holiday">} days
 * @property {string} at
 * @property {string} time_zone
 * @property {string | null} next_run_at
 * @property {string} reason
 * @property {boolean} override
 * @property {string | null} line
 * @property {string | null} device_type
 * @property {Array<string> | null} device_ids
 * @property {number | null} idle_minutes
 * @property {string | null} last_run_at
 * @property {string | null} last_sentence
 * @property {string | null} last_batch_id
 * @property {Array<ScheduleEntry>} log
 */

/**
 * @typedef {object} ScheduleEntry
 * @property {string} at
 * @property {string} deed
 * @property {string} by
 * @property {string} role
 * @property {string} address
 */

/**
 * @typedef {object} Proposal
 * @property {string} name
 * @property {"restart" | "shutdown"} action
 * @property {Object<string, any>} select
 * @property {Array<"mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun" | "holiday">} days
 * @property {string} at
 * @property {string} reason
 * @property {boolean} override
 */

/**
 * @typedef {object} PlanStep
 * @property {string} device_id
 * @property {boolean} ordered
 * @property {string | null} why_not
 * @property {number} saves_watts
 */

/**
 * @typedef {object} Plan
 * @property {string} sentence
 * @property {boolean} dry_run
 * @property {string | null} batch_id
 * @property {number} saves_watts
 * @property {Array<PlanStep>} steps
 * @property {Array<Order>} commands
 */

/**
 * @typedef {object} History
 * @property {Array<number>} at
 * @property {Array<number | null>} temperature_celsius
 * @property {Array<number | null>} pressure_bar
 * @property {Array<number | null>} current_amperes
 * @property {Array<number>} scored_at
 * @property {Array<number | null>} failure_probability
 */

/**
 * @typedef {object} UnknownMachine
 * @property {string} device_id
 * @property {string | null} device_type
 * @property {string | null} line
 * @property {string | null} last_reading_at
 * @property {string} toml
 */

/**
 * @typedef {object} MachineRecord
 * @property {string} record_id
 * @property {string} device_id
 * @property {"retired" | "renamed" | "removed"} deed
 * @property {string} by
 * @property {string} at
 * @property {string} why
 * @property {string | null} to
 * @property {Object<string, any>} documents
 */

/**
 * @typedef {object} Import
 * @property {string} batch_id
 * @property {string} file
 * @property {"storing" | "stored" | "taken_back"} state
 * @property {string} by
 * @property {string} at
 * @property {Array<string>} machines
 * @property {string} first
 * @property {string} last
 * @property {number | null} kwh
 * @property {number} quarters
 * @property {number | null} parts
 * @property {number} readings
 * @property {number} events
 * @property {number} rates
 * @property {string} market
 * @property {string | null} taken_back_by
 * @property {string | null} taken_back_at
 * @property {string | null} taken_back_why
 */

/**
 * @typedef {object} ImportFinding
 * @property {string} what
 * @property {string | null} value
 * @property {string} why
 */

/**
 * @typedef {object} ImportQuestion
 * @property {string} what
 * @property {string} problem
 * @property {string | null} suggestion
 * @property {Array<string>} options
 */

/**
 * @typedef {object} ImportedMachine
 * @property {string} device_id
 * @property {string} what
 * @property {number} values
 * @property {number | null} kwh
 * @property {number | null} parts
 * @property {boolean} is_known
 */

/**
 * @typedef {object} ImportedRate
 * @property {"price" | "location" | "market"} kind
 * @property {string} first
 * @property {string} last
 * @property {number} values
 * @property {number} lowest
 * @property {number} highest
 */

/**
 * @typedef {object} Inspection
 * @property {ImportQuestion | null} question
 * @property {Array<ImportFinding>} findings
 * @property {number} rows
 * @property {Array<Array<string>>} samples
 * @property {Array<ImportedMachine>} holds
 * @property {Array<ImportedRate>} rates
 * @property {string} currency
 * @property {number} new_prices
 * @property {number} changed_prices
 * @property {Import | null} would_store
 * @property {Import | null} already
 * @property {number} too_old
 * @property {number} overlaps
 */
