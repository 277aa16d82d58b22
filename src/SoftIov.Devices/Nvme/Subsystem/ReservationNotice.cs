namespace SoftIov.Devices.Nvme;

/// <summary>What a reservation notification log page says (NVMe 1.4, figure 205).</summary>
internal enum ReservationNotice : byte
{
    /// <summary>The host is no longer a registrant.</summary>
    RegistrationPreempted = 1,

    /// <summary>The reservation was released.</summary>
    ReservationReleased = 2,

    /// <summary>The reservation was taken from its holder.</summary>
    ReservationPreempted = 3,
}
