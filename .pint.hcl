# Prometheus' rules, checked by pint (https://cloudflare.github.io/pint/): ./et tools.linters
# With --prometheus it asks a running Prometheus, too; the last two exceptions are about that.
checks {
  # Alerts compare series that other groups record. Groups of one interval are independent, so a signal may be one
  # interval (15 s) old; each alert's `for` is longer, or the age does not matter (MachineFailed).
  disabled = ["rule/dependency"]
}

# A machine's counter is exported by every replica, with the same value: the largest is the newest, and what is recorded
# is a counter again. Minutes of failures are differences over 1 min, where rate() would need two scrapes of a new series.
rule {
  match {
    kind = "recording"
    name = "device:(energy|idle_energy)_joules:max|device:energy_by_verdict_joules:max|device:energy_coverage_seconds:max|line_type:failures:increase1m|stage:batches_set_aside:active"
  }
  disable = ["promql/counter"]
}

# Series that a plant has only with the part that they are about: disks of Kubernetes, a centre, emission factors, a
# contract with a demand charge, approved baselines and measures, a reason of each kind for some machine's risk.
rule {
  match {
    kind = "recording"
    name = "disk:(size_bytes:max|free_bytes:min)|plant:(centre_away:active|mirror_lag_seconds:max|peak_.+:max)|line_type:emissions_kg:increase1m|baseline:.+|measure:.+|device_reason:failure_factor_ratio:sum"
  }
  disable = ["promql/series"]
}
