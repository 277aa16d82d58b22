using System.Text.Json.Serialization;

namespace SoftIov.Api;

/// <summary>How a VF interrupts its guest.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<InterruptMode>))]
public enum InterruptMode
{
    /// <summary>MSI-X: a vector per queue.</summary>
    [JsonStringEnumMemberName("msix")]
    Msix,

    /// <summary>INTx only. QEMU up to 11.1.3 aborts when it unplugs a vfio-user function with MSI-X; this one it can unplug.</summary>
    [JsonStringEnumMemberName("intx")]
    Intx,

    /// <summary>MSI, which QEMU can unplug too; nvme only.</summary>
    [JsonStringEnumMemberName("msi")]
    Msi,
}
