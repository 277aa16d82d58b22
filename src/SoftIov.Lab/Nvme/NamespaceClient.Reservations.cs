using System.Runtime.InteropServices;

namespace SoftIov.Lab.Nvme;

/// <content>Reservations (NVMe base 2.0, 8.19).</content>
public sealed partial class NamespaceClient
{
    /// <summary>Registers <paramref name="newKey"/>.</summary>
    public CompletionEntry Register(ulong newKey, bool persists = false) =>
        SendKeys(NvmCommand.ReservationRegister(NamespaceId, 0, persistence: persists ? 3 : 0), 0, newKey);

    /// <summary>Takes the registration of <paramref name="key"/> back.</summary>
    public CompletionEntry Unregister(ulong key) => SendKeys(NvmCommand.ReservationRegister(NamespaceId, 1), key, 0);

    /// <summary>Replaces the key of the registration.</summary>
    public CompletionEntry ReplaceKey(ulong key, ulong newKey) => SendKeys(NvmCommand.ReservationRegister(NamespaceId, 2), key, newKey);

    /// <summary>Acquires a reservation.</summary>
    public CompletionEntry Acquire(ulong key, ReservationType type) => SendKeys(NvmCommand.ReservationAcquire(NamespaceId, 0, type), key, 0);

    /// <summary>Preempts the registrants of <paramref name="preemptedKey"/>, and aborts their commands if told so.</summary>
    public CompletionEntry Preempt(ulong key, ulong preemptedKey, ReservationType type, bool aborts = false) =>
        SendKeys(NvmCommand.ReservationAcquire(NamespaceId, aborts ? 2 : 1, type), key, preemptedKey);

    /// <summary>Releases the reservation.</summary>
    public CompletionEntry Release(ulong key, ReservationType type) =>
        Send(NvmCommand.ReservationRelease(NamespaceId, 0, type), MemoryMarshal.AsBytes<ulong>([key]));

    /// <summary>Clears the reservation and all registrations.</summary>
    public CompletionEntry Clear(ulong key) =>
        Send(NvmCommand.ReservationRelease(NamespaceId, 1, ReservationType.None), MemoryMarshal.AsBytes<ulong>([key]));

    /// <summary>Who is registered and what is reserved, by extended host identifiers; throws when the report fails.</summary>
    public ReservationStatus ReportReservation()
    {
        var data = new byte[4096];
        Execute(NvmCommand.ReservationReport(NamespaceId, data.Length, isExtended: true), data).Check("report the reservation");
        return ReservationStatus.Parse(data);
    }

    private CompletionEntry SendKeys(in SubmissionEntry entry, ulong key, ulong otherKey) =>
        Send(entry, MemoryMarshal.AsBytes<ulong>([key, otherKey]));
}
