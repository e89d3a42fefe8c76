"""Pictures of studies: reading and drawing the measures of sweeps."""
