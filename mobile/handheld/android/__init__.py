"""What does the device give us? Android's scanner, voice, motor, keystore and Bluetooth: nobody else imports these."""
