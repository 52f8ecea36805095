"""What Steam and Epic have installed, from their own files. Players may write those: nothing in them is believed."""
