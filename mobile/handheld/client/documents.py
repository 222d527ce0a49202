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

DOCUMENTS = {"capture_scans": CAPTURE, "replica": REPLICA, "device_settings": SETTINGS, "report_device": REPORT}
"""By the names of their files."""
