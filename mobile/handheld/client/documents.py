"""What is asked of the server: constant documents, equal to those registered in `schema/documents/`."""

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

REPORT = """\
# What a device says of itself.
mutation ReportDevice($input: ReportDeviceInput!) {
  reportDevice(input: $input) {
    errors {
      code
      message
      path
    }
    results {
      line
      outcome
      id
      code
      transient
    }
  }
}
"""

RECOGNITION = """\
# How a device recognises goods: what it is set to, and the model that it is told to run.
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
      }
    }
  }
}
"""

REPORT_MODEL = """\
# Which model a device recognises goods with.
mutation ReportModel($input: ReportModelInput!) {
  reportModel(input: $input) {
    errors {
      code
      message
      path
    }
    results {
      line
      outcome
      id
      code
      transient
    }
  }
}
"""

RECORD_SAMPLES = """\
# Pictures that somebody corrected; each is then sent by PUT to /recognition/samples/<its sha256>.
mutation RecordSamples($input: RecordSamplesInput!) {
  recordSamples(input: $input) {
    errors {
      code
      message
      path
    }
    results {
      line
      outcome
      id
      code
      transient
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
}
"""By the names of their files."""
