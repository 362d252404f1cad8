# Prometheus' rules, checked by pint (https://cloudflare.github.io/pint/) without a Prometheus: ./et tools.linters
checks {
  # Alerts compare series that other groups record. Groups of one interval are independent, so a signal may be one
  # interval (15 s) old; each alert's `for` is longer, or the age does not matter (MachineFailed).
  disabled = ["rule/dependency"]
}
