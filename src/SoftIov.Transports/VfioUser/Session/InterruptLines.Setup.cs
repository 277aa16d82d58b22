using SoftIov.Linux;

namespace SoftIov.Transports.VfioUser;

/// <content>DEVICE_SET_IRQS: every pair of data and action that VFIO has, where the index knows it.</content>
internal sealed partial class InterruptLines
{
    /// <summary>Does what a client asks. EINVAL when it asks for something that VFIO does not have; then nothing is changed.</summary>
    public Errno Apply(Message command)
    {
        if (command.Body.Length < IrqSet.Length)
            return Errno.EINVAL;
        IrqSet set = IrqSet.Read(command.Body);
        ReadOnlySpan<byte> data = command.Body[IrqSet.Length..];
        if (!IsValid(set, data.Length, command.Descriptors.Count))
            return Errno.EINVAL;
        if (set.Count == 0)
            Disable(set.Index);
        else if (set.Data == IrqSet.DataEventFd)
            return Connect(set, command);
        else
            Act(set, set.Data == IrqSet.DataBool ? data[..(int)set.Count] : default);
        return Errno.None;
    }

    private bool IsValid(in IrqSet set, int dataLength, int descriptors)
    {
        uint available = CountOf(set.Index);
        uint dataNeeded = set.Data == IrqSet.DataBool ? set.Count : 0;
        return set.HasValidFlags
            && set.Index < IrqIndex.Count
            && set.Start <= available
            && set.Count <= available - set.Start
            && set.ArgumentSize >= IrqSet.Length
            && set.ArgumentSize - IrqSet.Length >= dataNeeded
            && dataLength >= dataNeeded
            && (descriptors == 0 || (set.Data == IrqSet.DataEventFd && descriptors == set.Count))
            && (set.Count != 0 || (set.Start == 0 && set.Flags == (IrqSet.DataNone | IrqSet.Trigger)))
            && (set.Action == IrqSet.Trigger || set.Index == IrqIndex.Intx)
            && (set.Action != IrqSet.Mask || set.Data != IrqSet.DataEventFd);
    }

    /// <summary>Takes eventfds up, or with none takes those of the range away.</summary>
    private Errno Connect(in IrqSet set, Message command)
    {
        for (int i = 0; i < command.Descriptors.Count; i++)
        {
            if (!EventFd.IsEventFd(command.Descriptors[i]))
                return Errno.EINVAL;
        }

        for (int i = 0; i < set.Count; i++)
        {
            InterruptLine? line = command.Descriptors.Count > 0 ? new InterruptLine(command.Descriptors.Take(i)) : null;
            Connect(set, (int)set.Start + i, line);
        }

        return Errno.None;
    }

    private void Connect(in IrqSet set, int number, InterruptLine? line)
    {
        if (set.Index == IrqIndex.Msix)
            ConnectMsix(number, line);
        else if (set.Index == IrqIndex.Msi)
            ConnectMsi(number, line);
        else if (set.Index == IrqIndex.Error)
            Replace(ref _error, line);
        else if (set.Action == IrqSet.Unmask)
            ConnectUnmask(line);
        else
            ConnectIntx(line);
    }

    private void ConnectMsix(int vector, InterruptLine? line)
    {
        Replace(ref _msix[vector], line);
        if (line is not null)
            _endpoint.MsixConnected(vector);
    }

    private void ConnectMsi(int vector, InterruptLine? line)
    {
        Replace(ref _msi[vector], line);
        if (line is not null)
            _endpoint.MsiConnected(vector);
    }

    private void ConnectIntx(InterruptLine? line)
    {
        Replace(ref _intx, line);
        if (line is not null)
            UnmaskIntx();
    }

    private void ConnectUnmask(InterruptLine? line)
    {
        // Edge-triggered and never read: each write to it is an event, and a read could block when its owner reads first.
        if (line is not null)
            _loop.Add(line.Descriptor, EpollEvents.In | EpollEvents.EdgeTriggered, _unmaskToken);
        if (_unmask is not null)
            _loop.Remove(_unmask.Descriptor);
        Replace(ref _unmask, line);
    }

    /// <summary>Masks, unmasks or fires those of the range that <paramref name="chosen"/> is not 0 for, or all when it is empty.</summary>
    private void Act(in IrqSet set, ReadOnlySpan<byte> chosen)
    {
        for (int i = 0; i < set.Count; i++)
        {
            if (!chosen.IsEmpty && chosen[i] == 0)
                continue;
            if (set.Action == IrqSet.Trigger)
                Fire(set.Index, (int)set.Start + i);
            else if (set.Action == IrqSet.Unmask)
                UnmaskIntx();
            else
                Interlocked.Exchange(ref _isIntxMasked, 1);
        }
    }

    private void Fire(uint index, int number)
    {
        if (index == IrqIndex.Msix)
            SignalMsix(number);
        else if (index == IrqIndex.Msi)
            SignalMsi(number);
        else if (index == IrqIndex.Intx)
            SignalIntx();
        else
            _error?.Signal();
    }

    private void Disable(uint index)
    {
        switch (index)
        {
            case IrqIndex.Intx:
                Replace(ref _intx, null);
                ConnectUnmask(null);
                break;
            case IrqIndex.Msi:
                Disable(_msi);
                break;
            case IrqIndex.Msix:
                Disable(_msix);
                break;
            case IrqIndex.Error:
                Replace(ref _error, null);
                break;
        }
    }

    private void Disable(InterruptLine?[] lines)
    {
        for (int i = 0; i < lines.Length; i++)
            Replace(ref lines[i], null);
    }
}
