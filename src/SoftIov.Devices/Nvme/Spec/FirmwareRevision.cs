namespace SoftIov.Devices.Nvme.Spec;

/// <summary>The one revision of the one firmware slot, as fields of eight characters have it.</summary>
internal static class FirmwareRevision
{
    /// <summary>Eight ASCII characters, filled up with spaces.</summary>
    public static ReadOnlySpan<byte> Text => "1.0     "u8;
}
