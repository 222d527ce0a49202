"""What is asked of the server: constant documents, equal to those registered in `schema/documents/`."""


def _mutation(name: str, said: str) -> str:
    """Return a mutation that answers line by line, as most do."""
    kind = f"{name[0].upper()}{name[1:]}"
    return f"""\
# {said}
mutation {kind}($input: {kind}Input!) {{
  {name}(input: $input) {{
    errors {{
      code
      message
      path
    }}
    results {{
      line
      outcome
      id
      code
      transient
    }}
  }}
}}
"""


CAPTURE = """\
# A device sends what it scanned; schema/events/README.md says what it does about each answer.
mutation CaptureScans($input: CaptureScansInput!) {
  captureScans(input: $input) {
    upto
    token
    tokenExpiresAt
    results {
      sequence
      outcome
      flags
      code
      message
      transient
      task
    }
    errors {
      code
      message
      path
    }
  }
}
"""

REPLICA = """\
# What a device keeps to work without network: first everything, then what changed.
query Replica($after: String, $first: Int) {
  replica(after: $after, first: $first) {
    cursor
    complete
    restart
    version
    actions
    gone
    device {
      entriesMax
      hoursMax
      cache
      belowMinimum
    }
    wipes {
      mode
      reason
      seal
    }
    items {
      id
      externalReference
      name
      category
      gtin
      baseUnit
      decimals
      udi
      brand
      style
      size
      units {
        unit
        factor
      }
      codes {
        code
        unit
      }
    }
    places {
      id
      externalReference
      name
      kind
      parent {
        id
      }
    }
    lots {
      id
      item {
        id
      }
      code
      expiry
      producedOn
    }
    positions {
      id
      item {
        id
      }
      lot {
        id
      }
      place {
        id
      }
      state
      holds
      quantity
      owner {
        id
      }
      custodian {
        id
      }
      disposer {
        id
      }
      seller {
        id
      }
    }
    tasks {
      id
      externalReference
      kind
      state
      place {
        externalReference
      }
      document {
        externalReference
      }
      tolerance
      lines {
        id
        item {
          externalReference
        }
        lot {
          code
          expiry
        }
        quantity
        done
        source {
          externalReference
          kind
        }
        place {
          externalReference
          kind
        }
      }
    }
  }
}
"""

SETTINGS = """\
# What a device is set to, for one that may keep nothing else.
query DeviceSettings {
  replica(first: 1) {
    device {
      entriesMax
      hoursMax
      cache
      belowMinimum
    }
    wipes {
      mode
      reason
      seal
    }
  }
}
"""

REPORT = _mutation(
    "reportDevice",
    "What a device says of itself.",
)

RECOGNITION = """\
# How a device recognises goods: what it is set to, the model that it is told to run, and gallery packs.
query Recognition {
  replica(first: 1) {
    device {
      recognition {
        accept
        samples
        metered
        toRun {
          version
          sha256
          size
          path
          manifest
          signature
        }
        packs {
          sha256
          size
          path
          manifest
          signature
        }
      }
    }
  }
}
"""

REPORT_MODEL = _mutation(
    "reportModel",
    "Which model a device recognises goods with.",
)

RECORD_SAMPLES = _mutation(
    "recordSamples",
    "Pictures that somebody corrected; each is then sent by PUT to /recognition/samples/<its sha256>.",
)

ACCEPTED_SAMPLES = """\
# Photographs of goods that two people agree on: a device enrols those of its organisation, the newest first.
query AcceptedSamples($first: Int = 100, $after: String) {
  recognitionSamples(
    filter: { state: { eq: "ACCEPTED" } }
    first: $first
    after: $after
  ) {
    nodes {
      sha256
      size
      picture
      takenAt
      item {
        externalReference
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
"""

DOCUMENTS = {
    "capture_scans": CAPTURE,
    "replica": REPLICA,
    "device_settings": SETTINGS,
    "report_device": REPORT,
    "recognition": RECOGNITION,
    "report_model": REPORT_MODEL,
    "record_samples": RECORD_SAMPLES,
    "accepted_samples": ACCEPTED_SAMPLES,
}
"""By the names of their files."""
